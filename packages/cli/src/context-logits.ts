// Raw logits of prompts, collected chunk by chunk and written as a safetensors file: float32 logits_I [tokens, vocab].
// Format: u64 header length, JSON header, data (https://huggingface.co/docs/safetensors, "Format").
import { open, rename, rm } from 'node:fs/promises';
import { TrtllmError } from '@trtllm/protocol';

export interface LogitsChunk {
  first_row: number;
  num_rows: number;
  vocab_size: number;
  values: Float32Array;
}

export interface CollectedLogits {
  chunks: LogitsChunk[];
  add: (chunk: LogitsChunk) => void;
}

export function collectLogits(): CollectedLogits {
  const chunks: LogitsChunk[] = [];
  return {
    chunks,
    add: (chunk) => {
      const expected = chunks.reduce((rows, { num_rows }) => rows + num_rows, 0);
      if (chunk.first_row !== expected) throw new TrtllmError('WORKER_PROTOCOL', `logits of row ${chunk.first_row} came where row ${expected} was expected`);
      // The values live in the frame's buffer, which may be used again.
      chunks.push({ ...chunk, values: chunk.values.slice() });
    },
  };
}

/** Appears whole, by rename. */
export async function writeLogits(path: string, prompts: CollectedLogits[]): Promise<void> {
  const header: Record<string, { dtype: string; shape: number[]; data_offsets: number[] }> = {};
  let end = 0;
  for (const [index, { chunks }] of prompts.entries()) {
    const rows = chunks.reduce((sum, { num_rows }) => sum + num_rows, 0);
    const vocab = chunks[0]?.vocab_size ?? 0;
    header[`logits_${index}`] = { dtype: 'F32', shape: [rows, vocab], data_offsets: [end, (end += rows * vocab * 4)] };
  }
  // Padding with blanks puts the data on an 8-byte border.
  const json = JSON.stringify(header);
  const text = Buffer.from(json + ' '.repeat((8 - (Buffer.byteLength(json) % 8)) % 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writev([length, text]);
      for (const { chunks } of prompts)
        for (const { values } of chunks) await file.writeFile(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new TrtllmError('IO_ERROR', `cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
}
