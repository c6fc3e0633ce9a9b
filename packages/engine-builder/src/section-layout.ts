// Sizes and places of sections in rank{N}.engine, as docs/engine-format.md has them: so the size of the file is known before it is written.
import type { PlanEntry } from '@trtllm/protocol';

const HEADER_BYTES = 4096;
const TABLE_ENTRY_BYTES = 256;
const SMALL_BORDER = 4096;
const LARGE_BORDER = 2 * 1024 * 1024;

/** Stored bytes: [n] padded to 16 outputs, k to 32. */
export function sectionBytes({ layout, dtype, shape }: Pick<PlanEntry, 'layout' | 'dtype' | 'shape'>): number {
  const rows = roundUp(shape[0]!, 16);
  if (layout === 'vector') return rows * 4;
  return rows * roundUp(shape[1]!, 32) * (dtype === 'bfloat16' ? 2 : 4);
}

/** Bytes of a file with these sections, in this order. */
export function engineFileBytes(entries: readonly PlanEntry[]): number {
  let end = HEADER_BYTES + TABLE_ENTRY_BYTES * entries.length;
  for (const entry of entries) {
    const bytes = sectionBytes(entry);
    end = roundUp(end, bytes >= LARGE_BORDER ? LARGE_BORDER : SMALL_BORDER) + bytes;
  }
  return end;
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
