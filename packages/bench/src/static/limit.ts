// The least time a machine needs for a load: arithmetic at its peak, or weights and KV cache once through its memory, whichever is
// longer. Both could overlap, so no schedule can be faster.
import type { EngineManifest } from '@trtllm/protocol';
import type { Roofline } from '../roofline.js';

/** What one token costs an engine. */
export interface EngineCost {
  /** Bytes that every step reads, whatever the number of sequences. */
  step_weight_bytes: number;
  /** K and V of one token in all layers. */
  kv_bytes_per_token: number;
  /** Of the layers' linears. */
  flops_per_token: number;
  /** Of the LM head, for a row whose logits are wanted. */
  head_flops: number;
  /** For each position that a token attends to. */
  attention_flops_per_position: number;
  /** What the linears multiply: int8 by int8, or at bf16. */
  arithmetic: 'int8' | 'bf16' | 'fp32';
}

const INT8_ALGORITHMS = ['W8A8_SQ_PER_CHANNEL_PER_TOKEN_PLUGIN', 'W4A8_QSERVE_PER_GROUP'];

export function engineCost({ pretrained_config: config, trtllm }: EngineManifest): EngineCost {
  const attended = config.num_attention_heads * config.head_size;
  const kv = config.num_key_value_heads * config.head_size;
  const linear = config.hidden_size * (2 * attended + 2 * kv + 3 * config.intermediate_size);
  const elementBytes = config.dtype === 'float32' ? 4 : 2;
  // Of an embedding that is not also the head, a step reads single rows.
  const embeddingBytes = config.tie_word_embeddings ? 0 : config.vocab_size * config.hidden_size * elementBytes;
  const algorithm = config.quantization.quant_algo ?? '';
  return {
    step_weight_bytes: trtllm.weight_bytes - embeddingBytes,
    kv_bytes_per_token: 2 * kv * elementBytes * config.num_hidden_layers,
    flops_per_token: 2 * linear * config.num_hidden_layers,
    head_flops: 2 * config.vocab_size * config.hidden_size,
    attention_flops_per_position: 4 * attended * config.num_hidden_layers,
    arithmetic: config.dtype === 'float32' ? 'fp32' : INT8_ALGORITHMS.includes(algorithm) ? 'int8' : 'bf16',
  };
}

export interface MachineLimits {
  /** 10^9 a second, and whose they are: "avx512 bf16". */
  gflops: number;
  arithmetic: string;
  /** 10^9 bytes a second from DRAM. */
  gbytes: number;
}

/** The peak of the wanted type, or of the widest type below it that the class has; undefined if the roofline has neither. */
export function machineLimits(roofline: Roofline, isa: string, wanted: EngineCost['arithmetic']): MachineLimits | undefined {
  const types = wanted === 'int8' ? ['int8', 'bf16', 'fp32'] : wanted === 'bf16' ? ['bf16', 'fp32'] : ['fp32'];
  const peaks = roofline.arithmetic.filter((peak) => peak.threads === roofline.threads && types.includes(peak.type));
  const own = peaks.filter((peak) => peak.isa === isa);
  const [best] = (own.length > 0 ? own : peaks).toSorted((a, b) => b.gflops - a.gflops);
  const dram = roofline.read.find(({ level, threads }) => level === 'DRAM' && threads === roofline.threads);
  if (!best || !dram) return undefined;
  return { gflops: best.gflops, arithmetic: `${best.isa} ${best.type}`, gbytes: dram.gbytes_per_second };
}

export interface TimeLimit {
  arithmetic_s: number;
  memory_s: number;
  /** The longer of the two. */
  seconds: number;
}

const limitOf = (arithmetic_s: number, memory_s: number): TimeLimit => ({ arithmetic_s, memory_s, seconds: Math.max(arithmetic_s, memory_s) });

/** Sum of the positions that the tokens at [first, first + count) attend to. */
const attended = (first: number, count: number): number => count * first + (count * (count + 1)) / 2;

/** A prompt alone, up to its first token. */
export function prefillLimit(cost: EngineCost, machine: MachineLimits, inputTokens: number): TimeLimit {
  const flops = inputTokens * cost.flops_per_token + attended(0, inputTokens) * cost.attention_flops_per_position + cost.head_flops;
  return limitOf(flops / (machine.gflops * 1e9), cost.step_weight_bytes / (machine.gbytes * 1e9));
}

/** The tokens after the first, one stream alone: each a step over all weights and the KV cache so far. */
export function decodeLimit(cost: EngineCost, machine: MachineLimits, inputTokens: number, outputTokens: number): TimeLimit {
  const steps = Math.max(0, outputTokens - 1);
  const positions = attended(inputTokens, steps);
  const flops = steps * (cost.flops_per_token + cost.head_flops) + positions * cost.attention_flops_per_position;
  const bytes = steps * cost.step_weight_bytes + positions * cost.kv_bytes_per_token;
  return limitOf(flops / (machine.gflops * 1e9), bytes / (machine.gbytes * 1e9));
}

export interface LoadSize {
  input_tokens: number;
  output_tokens: number;
}

/** All requests, at most `streams` in one step: every token's arithmetic, the weights once for each of the fewest possible steps, the KV cache of every decode. */
export function batchLimit(cost: EngineCost, machine: MachineLimits, requests: readonly LoadSize[], streams: number): TimeLimit {
  let flops = 0;
  let kvPositions = 0;
  let steps = 0;
  let longest = 0;
  for (const { input_tokens, output_tokens } of requests) {
    const decoded = Math.max(0, output_tokens - 1);
    const positions = attended(input_tokens, decoded);
    flops += (input_tokens + decoded) * cost.flops_per_token + output_tokens * cost.head_flops + (attended(0, input_tokens) + positions) * cost.attention_flops_per_position;
    kvPositions += positions;
    steps += output_tokens;
    longest = Math.max(longest, output_tokens);
  }
  const fewestSteps = Math.max(longest, Math.ceil(steps / streams));
  const bytes = fewestSteps * cost.step_weight_bytes + kvPositions * cost.kv_bytes_per_token;
  return limitOf(flops / (machine.gflops * 1e9), bytes / (machine.gbytes * 1e9));
}
