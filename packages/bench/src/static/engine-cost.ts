// What one token costs an engine, counted from its manifest and graph.
import type { EngineManifest, Graph } from '@trtllm/protocol';

export interface EngineCost {
  /** Bytes that every step reads, whatever the number of sequences. */
  step_weight_bytes: number;
  /** Of the layers' linears, a multiply-add counted as two. */
  flops_per_token: number;
  /** Of the LM head, for a row whose logits are wanted. */
  head_flops: number;
  /** In one layer, for each position that a token attends to: scores and values; K and V. */
  attention_flops: number;
  kv_bytes: number;
  /** Layers by the number of positions that a token attends to at most. */
  windows: { positions: number; layers: number }[];
  /** What the linears multiply: int8 by int8, or in the engine's floating point. */
  arithmetic: 'int8' | 'bf16' | 'fp32';
}

const INT8_ALGORITHMS = ['W8A8_SQ_PER_CHANNEL_PER_TOKEN_PLUGIN', 'W4A8_QSERVE_PER_GROUP'];

/** A head's codes share one float32 scale. */
const kvElementBytes = (dtype: string, headSize: number) => (dtype === 'int8' ? 1 + 4 / headSize : dtype === 'float32' ? 4 : 2);

/** `kvCacheDtype`: as the worker stores it. */
export function engineCost({ pretrained_config: config, trtllm }: EngineManifest, { layers }: Pick<Graph, 'layers'>, kvCacheDtype: string = config.dtype): EngineCost {
  const attended = config.num_attention_heads * config.head_size;
  const kv = config.num_key_value_heads * config.head_size;
  const linear = config.hidden_size * (2 * attended + 2 * kv + 3 * config.intermediate_size);
  const isFloat32 = config.dtype === 'float32';
  return {
    // The builder leaves out an embedding of which a step reads single rows.
    step_weight_bytes: trtllm.weight_bytes,
    flops_per_token: 2 * linear * config.num_hidden_layers,
    head_flops: 2 * config.vocab_size * config.hidden_size,
    attention_flops: 4 * attended,
    kv_bytes: 2 * kv * kvElementBytes(kvCacheDtype, config.head_size),
    windows: countWindows(layers),
    arithmetic: isFloat32 ? 'fp32' : INT8_ALGORITHMS.includes(config.quantization.quant_algo ?? '') ? 'int8' : 'bf16',
  };
}

/** Window 0 is all positions. */
function countWindows({ count, body, per_layer }: Graph['layers']): EngineCost['windows'] {
  const layers = new Map<number, number>();
  for (const op of body) {
    if (op.op !== 'attention') continue;
    const windows = typeof op.window === 'number' ? Array.from({ length: count }, () => op.window as number) : per_layer[op.window.slice(1)]!;
    for (const window of windows) layers.set(window || Infinity, (layers.get(window || Infinity) ?? 0) + 1);
  }
  return [...layers].map(([positions, number]) => ({ positions, layers: number }));
}
