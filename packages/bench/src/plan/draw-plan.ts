// A data set and a way to write prompts -> the plan of a run.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TrtllmError } from '@trtllm/protocol';
import { BACKENDS, type BackendName } from '../client/backends.js';
import type { SampleContext, Sampler } from './datasets/sampler.js';
import type { Plan, PlannedRequest } from './workload.js';

export interface DrawHooks {
  backend: BackendName;
  onRequest: () => void;
  signal: AbortSignal;
}

/** An abort ends the plan early. */
export async function drawPlan(sample: Sampler, context: SampleContext, { backend, onRequest, signal }: DrawHooks): Promise<Plan> {
  const requests: PlannedRequest[] = [];
  const sampled = sample(context);
  while (!signal.aborted) {
    const { done, value } = sampled.next();
    if (done) return { requests, notes: value };
    checkEndpoint(value, backend);
    requests.push(value);
    onRequest();
    await nextTurn();
  }
  return { requests, notes: [] };
}

function checkEndpoint({ index, prompt, turn }: PlannedRequest, backend: DrawHooks['backend']): void {
  const isIds = typeof prompt[0] === 'number';
  const isChat = turn !== undefined || (typeof prompt !== 'string' && !isIds);
  const { prompts } = BACKENDS[backend];
  if (isChat && prompts !== 'messages') throw new TrtllmError('BAD_FLAG', `request ${index} of the data set has chat messages or turns; give --backend openai-chat`);
  if (isIds && prompts !== 'text or ids') throw new TrtllmError('BAD_FLAG', `request ${index} of the data set has token ids, which --backend ${backend} does not take; give --backend openai`);
}
