// The least time a machine needs for a load: arithmetic at its peak, or weights and KV cache once through its memory, whichever is
// longer. Both could overlap, so no schedule can be faster.
import type { EngineCost } from './engine-cost.js';
import type { MachineLimits } from './machine-limits.js';

export interface TimeLimit {
  arithmetic_s: number;
  memory_s: number;
  /** The longer of the two; of a sum of limits the sum of the longer ones. */
  seconds: number;
}

export interface LoadSize {
  input_tokens: number;
  output_tokens: number;
}

/** A prompt alone, up to its first token. */
export function prefillLimit(cost: EngineCost, machine: MachineLimits, { input_tokens }: LoadSize): TimeLimit {
  const flops = input_tokens * cost.flops_per_token + attended(cost, 0, input_tokens) * cost.attention_flops + cost.head_flops;
  return limitOf(machine, flops, cost.step_weight_bytes);
}

/** The tokens after the first, one stream alone: each a step over all weights and the KV cache so far. */
export function decodeLimit(cost: EngineCost, machine: MachineLimits, { input_tokens, output_tokens }: LoadSize): TimeLimit {
  const steps = output_tokens - 1;
  const positions = attended(cost, input_tokens, steps);
  return limitOf(
    machine,
    steps * (cost.flops_per_token + cost.head_flops) + positions * cost.attention_flops,
    steps * cost.step_weight_bytes + positions * cost.kv_bytes,
  );
}

/** One request alone: no part of its prompt overlaps with its tokens. */
export function requestLimit(cost: EngineCost, machine: MachineLimits, size: LoadSize): TimeLimit {
  return addLimits(prefillLimit(cost, machine, size), decodeLimit(cost, machine, size));
}

/**
 * All requests, at most `streams` in one step: every token's arithmetic, the weights once for each of the fewest possible steps, the KV
 * cache of every decode.
 */
export function batchLimit(cost: EngineCost, machine: MachineLimits, sizes: readonly LoadSize[], streams: number): TimeLimit {
  let [flops, kvBytes, tokens, longest] = [0, 0, 0, 0];
  for (const { input_tokens, output_tokens } of sizes) {
    const decoded = attended(cost, input_tokens, output_tokens - 1);
    flops += (input_tokens + output_tokens - 1) * cost.flops_per_token + output_tokens * cost.head_flops;
    flops += (attended(cost, 0, input_tokens) + decoded) * cost.attention_flops;
    kvBytes += decoded * cost.kv_bytes;
    tokens += output_tokens;
    longest = Math.max(longest, output_tokens);
  }
  const fewestSteps = Math.max(longest, Math.ceil(tokens / streams));
  return limitOf(machine, flops, fewestSteps * cost.step_weight_bytes + kvBytes);
}

export function addLimits(a: TimeLimit, b: TimeLimit): TimeLimit {
  return { arithmetic_s: a.arithmetic_s + b.arithmetic_s, memory_s: a.memory_s + b.memory_s, seconds: a.seconds + b.seconds };
}

function limitOf({ gflops, gbytes }: MachineLimits, flops: number, bytes: number): TimeLimit {
  const [arithmetic_s, memory_s] = [flops / (gflops * 1e9), bytes / (gbytes * 1e9)];
  return { arithmetic_s, memory_s, seconds: Math.max(arithmetic_s, memory_s) };
}

/** Positions that `count` tokens after the first `before` attend to, themselves included, summed over layers. */
function attended({ windows }: EngineCost, before: number, count: number): number {
  return windows.reduce((sum, { positions, layers }) => sum + layers * (lookedBack(before + count, positions) - lookedBack(before, positions)), 0);
}

/** 1 + 2 + ... + tokens, each at most `window`. */
function lookedBack(tokens: number, window: number): number {
  if (tokens <= window) return (tokens * (tokens + 1)) / 2;
  return (window * (window + 1)) / 2 + (tokens - window) * window;
}
