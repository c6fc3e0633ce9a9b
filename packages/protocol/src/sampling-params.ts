// Sampling fields with their ranges, as they travel to the worker (docs/worker-protocol.md, submit).

export interface SamplingParams {
  /** >= 0; 0 takes the arg-max. */
  temperature: number;
  /** 0: off. */
  top_k: number;
  /** (0, 1] */
  top_p: number;
  /** [0, 1] */
  min_p: number;
  /** > 0 */
  repetition_penalty: number;
  /** [-2, 2] */
  presence_penalty: number;
  /** [-2, 2] */
  frequency_penalty: number;
  /** Unsigned 64-bit. */
  seed: bigint;
  /** -1: none; n: the chosen token's and the n best. */
  num_logprobs: number;
  num_prompt_logprobs: number;
  min_tokens: number;
}

export const DEFAULT_SAMPLING: Readonly<SamplingParams> = {
  temperature: 1,
  top_k: 0,
  top_p: 1,
  min_p: 0,
  repetition_penalty: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  seed: 0n,
  num_logprobs: -1,
  num_prompt_logprobs: -1,
  min_tokens: 0,
};

/** A 64-bit seed as the worker wants it; negative ones are taken as two's complement. */
export function seedOf(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
