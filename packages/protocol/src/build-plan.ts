// build-plan.json: what the builder decided, entry by entry. Pure data; `trtllm-builder` carries it out and decides nothing.

export const BUILD_PLAN_VERSION = 1;

export type SourceDtype = 'BF16' | 'F16' | 'F32';

/** A run of rows of one checkpoint tensor. */
export interface PlanPart {
  /** Index into `sources`. */
  source: number;
  /** Name in the checkpoint, for messages. */
  tensor: string;
  dtype: SourceDtype;
  /** Full shape of the source tensor: [rows, k] or [rows]. */
  shape: number[];
  /** Absolute byte offset of the tensor's data in the source file. */
  offset: number;
  /** Rows taken: [begin, end). */
  rows: [number, number];
}

export interface PlanEntry {
  /** Section name in the engine. */
  name: string;
  layout: 'vector' | 'tile16' | 'group16';
  /** Stored type: vector is always float32. */
  dtype: 'bfloat16' | 'float32' | 'int8' | 'int4';
  /** Logical shape, [n] or [n, k]. With interleave 16, n counts each part padded to a multiple of 16. */
  shape: number[];
  parts: PlanPart[];
  /** concat: parts one after the other. interleave16: the two parts alternate by 16 rows, each padded with zero rows to a multiple of 16. */
  arrange: 'concat' | 'interleave16';
  /** One side of quantized weights (docs/engine-format.md): codes, or what they are multiplied with. shape is then the weight's [n, k]. */
  quantize?: PlanQuantize;
  /** Synthetic entry (no parts): counter-based values keyed by seed and name. normal: Gaussian of that deviation; constant: all equal. */
  synthetic?: { seed: number; distribution: 'normal' | 'constant'; value: number };
}

export interface PlanQuantize {
  /** Name of the codes' entry. */
  of: string;
  scheme: 'int8' | 'int4_group' | 'int4_two_level';
  /** Inputs that share a scale: 32, 64 or 128; 0 for int8. */
  group_size: number;
  output: 'codes' | 'scale' | 'group_scale' | 'multiplier';
}

export interface BuildPlan {
  plan_version: number;
  rank: number;
  /** Output file name inside the engine folder. */
  output: string;
  /** Absolute paths of source files and the sizes they had when they were read. */
  sources: { file: string; bytes: number }[];
  entries: PlanEntry[];
  /** Bytes of the output file: checked against free space before anything is written. */
  output_bytes: number;
  /** Refuse NaN and infinite weights. */
  check_finite: boolean;
}
