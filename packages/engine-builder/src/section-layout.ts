// Sizes and places of sections in rank{N}.engine, as docs/engine-format.md has them: so the size of the file is known before it is written.
import type { PlanEntry } from '@trtllm/protocol';

const HEADER_BYTES = 4096;
const TABLE_ENTRY_BYTES = 256;
const SECTION_BORDER = 4096;

const BITS = { float32: 32, bfloat16: 16, int8: 8, int4: 4 } as const;

/** Stored bytes: [n] padded to 16 outputs, k to 32 (codes: 64). */
export function sectionBytes({ layout, dtype, shape, quantize }: Pick<PlanEntry, 'layout' | 'dtype' | 'shape' | 'quantize'>): number {
  const rows = roundUp(shape[0]!, 16);
  if (layout === 'vector') return rows * 4;
  if (layout === 'group16') return rows * Math.ceil(shape[1]! / quantize!.group_size) * (BITS[dtype] / 8);
  return (rows * roundUp(shape[1]!, quantize ? 64 : 32) * BITS[dtype]) / 8;
}

/** Bytes of a file with these sections, in this order. */
export function engineFileBytes(entries: readonly PlanEntry[]): number {
  let end = HEADER_BYTES + TABLE_ENTRY_BYTES * entries.length;
  for (const entry of entries) end = roundUp(end, SECTION_BORDER) + sectionBytes(entry);
  return end;
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
