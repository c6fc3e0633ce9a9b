// The section table of a rank{N}.engine file (docs/engine-format.md), for people to look at; the worker has its own, hashing reader.
import { join } from 'node:path';
import { ENGINE_FORMAT_VERSION, TrtllmError } from '@trtllm/protocol';
import { readExactly, withInputFile } from './input-file.js';

const MAGIC = 'TRTLLME\n';
const HEADER_BYTES = 4096;
const BYTE_ORDER_MARK = 0x01020304;
const ENTRY_BYTES = 256;
const MAX_SECTIONS = 65_536;
const LAYOUTS: Readonly<Record<number, string>> = { 1: 'vector', 2: 'tile16', 3: 'group16' };
const DTYPES: Readonly<Record<number, string>> = { 1: 'bfloat16', 2: 'float16', 3: 'float32', 4: 'int32', 5: 'int8', 6: 'int4' };

export interface EngineSection {
  name: string;
  layout: string;
  dtype: string;
  shape: number[];
  padded: number[];
  offset: number;
  bytes: number;
  /** Canonical XXH3-128 of the bytes, in hex. */
  xxh3: string;
}

export interface EngineFile {
  file: string;
  bytes: number;
  rank: number;
  manifestSha256: string;
  sections: EngineSection[];
}

export async function readEngineFile(directory: string, file: string): Promise<EngineFile> {
  return withInputFile(directory, file, async (input) => {
    const header = await readExactly(input, 0, HEADER_BYTES, 'ENGINE_INVALID');
    const numSections = checkHeader(header, input.bytes, join(directory, file));
    const table = await readExactly(input, HEADER_BYTES, numSections * ENTRY_BYTES, 'ENGINE_INVALID');
    const sections = Array.from({ length: numSections }, (_, index) => readEntry(table.subarray(index * ENTRY_BYTES, (index + 1) * ENTRY_BYTES)));
    const cut = sections.find(({ offset, bytes }) => offset + bytes > input.bytes);
    if (cut) throw new TrtllmError('ENGINE_INVALID', `${input.path}: ${cut.name} ends at byte ${cut.offset + cut.bytes}, the file has ${input.bytes}; rebuild the engine`);
    return { file, bytes: input.bytes, rank: header.readUInt32LE(20), manifestSha256: header.toString('hex', 32, 64), sections };
  });
}

function checkHeader(header: Buffer, fileBytes: number, path: string): number {
  const refuse = (problem: string) => new TrtllmError('ENGINE_INVALID', `${path}: ${problem}; rebuild the engine`);
  if (header.toString('latin1', 0, 8) !== MAGIC) throw refuse('it does not begin as an engine file does');
  const version = header.readUInt32LE(8);
  if (version !== ENGINE_FORMAT_VERSION)
    throw new TrtllmError('ENGINE_VERSION', `${path} has format version ${version}, expected ${ENGINE_FORMAT_VERSION}; rebuild the engine`);
  if (header.readUInt32LE(12) !== BYTE_ORDER_MARK) throw refuse('its byte order is not little-endian');
  const named = header.readBigUInt64LE(24);
  if (named !== BigInt(fileBytes)) throw refuse(`it says ${named} bytes, it has ${fileBytes}`);
  const numSections = header.readUInt32LE(16);
  if (numSections > MAX_SECTIONS) throw refuse(`it says ${numSections} sections, at most ${MAX_SECTIONS} are allowed`);
  return numSections;
}

/** name[128], u32 layout, dtype, group size, num_dims, u64 shape[4], padded[2], offset, bytes, xxh3[16] */
function readEntry(entry: Buffer): EngineSection {
  const u64 = (at: number) => Number(entry.readBigUInt64LE(at));
  const [layout, dtype] = [entry.readUInt32LE(128), entry.readUInt32LE(132)];
  const numDims = Math.min(entry.readUInt32LE(140), 4);
  return {
    name: entry.toString('latin1', 0, 128).replace(/\0.*$/s, ''),
    layout: LAYOUTS[layout] ?? `layout ${layout}`,
    dtype: DTYPES[dtype] ?? `dtype ${dtype}`,
    shape: Array.from({ length: numDims }, (_, dim) => u64(144 + 8 * dim)),
    padded: [u64(176), u64(184)],
    offset: u64(192),
    bytes: u64(200),
    xxh3: entry.toString('hex', 208, 224),
  };
}
