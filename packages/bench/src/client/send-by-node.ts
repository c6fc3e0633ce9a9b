// A whole job through the client in this process.
import { holdConversation, type SendOne } from './conversation.js';
import type { ClientHealth } from './client-health.js';
import type { SendJob } from './send-job.js';
import { sendRequests } from './send-requests.js';
import { monotonicMs } from './timeline.js';
import type { StreamClient } from './stream-client.js';

export async function sendByNode(job: SendJob, client: StreamClient, health: ClientHealth): Promise<void> {
  job.waiting.addEventListener('abort', () => void client.cancelAll(), { once: true });
  const sendOne: SendOne = async (request, scheduled) => {
    const now = monotonicMs();
    job.expect(request, scheduled);
    job.onSent(1);
    job.onStart(request, now);
    if (job.hasDueTime) health.sent(now - scheduled);
    return job.take(request, await client.post({ ...job.postOf(request, scheduled), onEvents: job.onEvents }));
  };
  job.onBegin();
  await sendRequests(job, (index, scheduled) => holdConversation(job.conversations[index]!, scheduled, sendOne, job.sending), job.sending);
}
