// Adapters by name: each request, or conversation, goes to one of them at random, as with benchmark_serving.
import { pick, seededRandom } from './seeded-random.js';
import type { PlannedRequest } from './workload.js';

export function assignModules(requests: readonly PlannedRequest[], modules: readonly string[], seed: number): PlannedRequest[] {
  if (modules.length === 0) return [...requests];
  let model: string;
  return requests.map((request) => {
    if ((request.turn ?? 0) === 0) model = pick(seededRandom(seed, 'lora-modules', request.index), modules);
    return { ...request, fields: { ...request.fields, model } };
  });
}
