// Waiting for a server that still loads its model.
import { setTimeout as sleep } from 'node:timers/promises';
import { TrtllmError } from '@trtllm/protocol';

const POLL_MS = 100;

/** /health, or the list of models where a server has no such route. */
export async function isReady(url: string, signal: AbortSignal, headers: Record<string, string> = {}): Promise<boolean> {
  const base = url.replace(/\/+$/, '');
  const status = async (path: string): Promise<number> => fetch(base + path, { signal, headers }).then((reply) => reply.status, () => 0);
  const health = await status('/health');
  return health === 200 || (health === 404 && (await status('/v1/models')) === 200);
}

/** Throws SERVER_UNREACHABLE where it takes longer, and the signal's reason where that comes first. */
export async function untilReady(url: string, timeoutMs: number, signal: AbortSignal, headers: Record<string, string> = {}): Promise<void> {
  const limit = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, limit]);
  while (!(await isReady(url, either, headers))) {
    signal.throwIfAborted();
    if (limit.aborted) throw new TrtllmError('SERVER_UNREACHABLE', `${url}: neither /health nor /v1/models answered well within ${timeoutMs / 1000} s (--ready-check-timeout-sec)`);
    await sleep(POLL_MS, undefined, { signal: either }).catch(() => {});
  }
}
