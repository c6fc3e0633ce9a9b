// graph.json: the ops of one forward pass, as data. The builder emits it, the worker turns it into a program; C++ knows these ops and no
// model family (engine-design D10). Buffers are named: `x` is the residual stream (float32 [rows, hidden_size]); others are the op's output.

export const GRAPH_VERSION = 1;

/** Rotary table: angle of pair i at position p is p * inv_freq[i]; cos and sin are multiplied by attention_factor. */
export interface RopeTable {
  inv_freq: number[];
  attention_factor: number;
}

/** A value that is the same in every layer, or the name of an array in `layers.per_layer`, written `"$name"`. */
export type PerLayer<T> = T | `$${string}`;

export type Op =
  /** x[row] = table[token] */
  | { op: 'embed'; weight: string; output: string }
  /** activations = input / rms(input) * weight */
  | { op: 'rms_norm'; input: string; weight: string; epsilon: number; output: string }
  /** int8 rows, one scale a row, of activations: the inputs of linears whose sums are exact in int32 */
  | { op: 'quantize'; input: string; output: string }
  /** output = input * W^T + bias; add_residual adds into output; swiglu: see docs/engine-format.md, gate_up */
  | {
      op: 'linear';
      input: string;
      weight: string;
      bias?: string;
      epilogue: 'store' | 'add_residual' | 'swiglu';
      output: string;
    }
  /** RMS norm of each of num_heads heads of head_dim, beginning at column first_head * head_dim of `buffer`, in place */
  | { op: 'head_norm'; buffer: string; first_head: number; num_heads: number; head_dim: number; weight: string; epsilon: number }
  /** half-split rotation of the same columns, in place; table: index into rope_tables */
  | { op: 'rope'; buffer: string; first_head: number; num_heads: number; head_dim: number; table: PerLayer<number> }
  /** writes k and v of `qkv` [q heads | k heads | v heads] to the KV cache, then attends; window 0: all positions */
  | {
      op: 'attention';
      qkv: string;
      num_heads: number;
      num_kv_heads: number;
      head_dim: number;
      scale: number;
      window: PerLayer<number>;
      output: string;
    }
  /** keeps the rows whose logits are wanted: output[i] = input[logit_rows[i]] */
  | { op: 'select_rows'; input: string; output: string }
  /** logits float32 [logit rows, vocab_size] */
  | { op: 'lm_head'; input: string; weight: string; bias?: string };

export interface Graph {
  graph_version: number;
  /** Arithmetic of every op. */
  dtype: 'bfloat16' | 'float32';
  vocab_size: number;
  hidden_size: number;
  /** Positions the model allows. */
  max_position_embeddings: number;
  rope_tables: RopeTable[];
  prologue: Op[];
  /** `{i}` in a weight name of the body is the layer's index. */
  layers: { count: number; body: Op[]; per_layer: Record<string, number[]> };
  epilogue: Op[];
}
