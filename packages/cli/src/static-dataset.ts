// The requests of a static benchmark: a dataset file, or random ids.
import { readStaticDataset, syntheticRequests, type StaticRequest } from '@trtllm/bench';
import type { OpenWorker } from '@trtllm/runtime/engine';
import { badFlag } from './numbers.js';
import type { StaticFlagValues } from './static-bench-flags.js';

const SYNTHETIC_REQUESTS = 100;
const SYNTHETIC_LENGTH = 128;

/** Refuses what the engine could not take, before anything is measured. */
export async function requestsOf(flags: StaticFlagValues, { client, tokenizer, eos_token_ids }: OpenWorker): Promise<StaticRequest[]> {
  const { max_seq_len, vocab_size } = client.limits;
  const requests = await readOrDraw(flags, vocab_size, eos_token_ids, tokenizer && ((text) => tokenizer.encode(text, { addSpecialTokens: true })));
  for (const { id, input_ids, output_tokens } of requests) {
    const length = input_ids.length + output_tokens;
    if (length > max_seq_len) throw badFlag(`request ${id}: ${input_ids.length} + ${output_tokens} tokens are more than the engine's ${max_seq_len} (--max-seq-len of trtllm build)`);
    const foreign = input_ids.find((token) => token >= vocab_size);
    if (foreign !== undefined) throw badFlag(`request ${id}: token id ${foreign} is not in the engine's vocabulary of ${vocab_size}; prepare the dataset with this model's tokenizer`);
  }
  return requests;
}

async function readOrDraw(flags: StaticFlagValues, vocab_size: number, excluded_ids: readonly number[], encode: ((text: string) => number[]) | undefined): Promise<StaticRequest[]> {
  if (flags.dataset !== undefined) return readStaticDataset(flags.dataset, encode, flags['num-requests']);
  if (flags['dataset-type'] === undefined) throw badFlag('give --dataset FILE (trtllm bench prepare-dataset writes one), or --dataset-type synthetic');
  return syntheticRequests({
    count: flags['num-requests'] || SYNTHETIC_REQUESTS,
    input: { mean: flags['target-input-len'] ?? SYNTHETIC_LENGTH, deviation: 0 },
    output: { mean: flags['target-output-len'] ?? SYNTHETIC_LENGTH, deviation: 0 },
    vocab_size,
    excluded_ids,
    seed: flags.seed,
  });
}
