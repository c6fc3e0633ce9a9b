// What --qformat means: which weights are stored how, and which linears take int8 inputs (docs/engine-format.md, "Quantized weights").
import { TrtllmError, type PlanEntry, type PlanQuantize } from '@trtllm/protocol';

export const QFORMATS = ['int8_wo', 'int8_dyn', 'int4_wo', 'w4a8'] as const;
export type QFormat = (typeof QFORMATS)[number];
export const LM_HEAD_DTYPES = ['auto', 'bfloat16', 'int8', 'int4'] as const;
export type LmHeadDtype = (typeof LM_HEAD_DTYPES)[number];

export interface Quantization {
  qformat: QFormat;
  /** Inputs that share a scale, of 4-bit weights. */
  group_size: number;
  /** Of the LM head, and so of an embedding that is tied to it. */
  lm_head: Exclude<LmHeadDtype, 'auto'>;
}

/** TensorRT-LLM's names (its QuantAlgo). */
const ALGORITHMS: Record<QFormat, string> = {
  int8_wo: 'W8A16',
  int8_dyn: 'W8A8_SQ_PER_CHANNEL_PER_TOKEN_PLUGIN',
  int4_wo: 'W4A16',
  w4a8: 'W4A8_QSERVE_PER_GROUP',
};

export interface QuantizationOptions {
  qformat?: string | undefined;
  group_size?: number | undefined;
  lm_head_dtype?: string | undefined;
}

export function resolveQuantization({ qformat, group_size, lm_head_dtype }: QuantizationOptions, dtype: string): Quantization | null {
  if (qformat === undefined || qformat === 'full_prec') {
    if (group_size !== undefined || (lm_head_dtype ?? 'auto') !== 'auto')
      throw new TrtllmError('BAD_FLAG', `${group_size === undefined ? 'lm_head_dtype' : 'group_size'} is of quantized weights: it needs qformat (${QFORMATS.join(', ')})`);
    return null;
  }
  if (dtype !== 'bfloat16') throw new TrtllmError('BAD_FLAG', `qformat ${qformat}: quantized weights need dtype bfloat16, found ${dtype}`);
  const size = group_size ?? 128;
  if (![32, 64, 128].includes(size)) throw new TrtllmError('BAD_FLAG', `group_size ${size}: expected 32, 64 or 128`);
  const head = oneOf('lm_head_dtype', lm_head_dtype ?? 'auto', LM_HEAD_DTYPES);
  return { qformat: oneOf('qformat', qformat, QFORMATS), group_size: size, lm_head: head === 'auto' ? 'int8' : head };
}

export function quantAlgo(quantization: Quantization | null): string | null {
  return quantization && ALGORITHMS[quantization.qformat];
}

export type WeightCodes = 'bfloat16' | 'int8' | 'int4';

/** How the layers' linears are stored. */
export function layerCodes({ qformat }: Quantization): WeightCodes {
  return qformat === 'int4_wo' || qformat === 'w4a8' ? 'int4' : 'int8';
}

/** Linears of codes take int8 rows, not bf16 activations. */
export function hasInt8Inputs(quantization: Quantization | null): boolean {
  return quantization?.qformat === 'int8_dyn' || quantization?.qformat === 'w4a8';
}

/** A weight's entry as its codes and the entries that go with them. */
export function quantizedEntries(entry: PlanEntry, codes: WeightCodes, quantization: Quantization): PlanEntry[] {
  if (codes === 'bfloat16') return [entry];
  const isTwoLevel = hasInt8Inputs(quantization);
  const scheme = codes === 'int8' ? 'int8' : isTwoLevel ? 'int4_two_level' : 'int4_group';
  const group_size = codes === 'int8' ? 0 : quantization.group_size;
  const side = (output: PlanQuantize['output'], layout: PlanEntry['layout'], dtype: PlanEntry['dtype']): PlanEntry => ({
    ...entry,
    name: output === 'codes' ? entry.name : `${entry.name}.${output}`,
    layout,
    dtype,
    quantize: { of: entry.name, scheme, group_size, output },
  });
  const sides = [side('codes', 'tile16', codes)];
  if (scheme !== 'int4_group') sides.push(side('scale', 'vector', 'float32'));
  if (scheme === 'int4_group') sides.push(side('group_scale', 'group16', 'float32'));
  if (scheme === 'int4_two_level') sides.push(side('multiplier', 'group16', 'int8'));
  return sides;
}

function oneOf<T extends string>(name: string, value: string, known: readonly T[]): T {
  const found = known.find((word) => word === value);
  if (found === undefined) throw new TrtllmError('BAD_FLAG', `${name} ${JSON.stringify(value)} is unknown; expected one of ${known.join(', ')}`);
  return found;
}
