// The header of one safetensors file, checked to the last byte; never its data.
// Layout: u64 header length (little-endian), JSON { name: { dtype, shape, data_offsets: [begin, end] } }, data.
import { TrtllmError } from '@trtllm/protocol';
import { readExactly, withInputFile } from './input-file.js';
import { findJsonFault } from './strict-json.js';

const PREFIX_BYTES = 8;
const MAX_HEADER_BYTES = 100_000_000;
const MAX_DEPTH = 64;
const MAX_DIMS = 8;

const BYTES_PER_ELEMENT: Readonly<Record<string, number>> = {
  F64: 8, F32: 4, F16: 2, BF16: 2, F8_E4M3: 1, F8_E5M2: 1, F8_E8M0: 1,
  I64: 8, I32: 4, I16: 2, I8: 1, U64: 8, U32: 4, U16: 2, U8: 1, BOOL: 1,
};

export interface TensorInfo {
  name: string;
  dtype: string;
  shape: number[];
  /** Absolute offset of the data in the file. */
  offset: number;
  bytes: number;
}

export interface SafetensorsHeader {
  /** In the order of their data. */
  tensors: TensorInfo[];
  /** The header's bytes, for digests. */
  text: string;
  fileBytes: number;
  mtimeMs: number;
}

export async function readSafetensorsHeader(directory: string, name: string): Promise<SafetensorsHeader> {
  return withInputFile(directory, name, async (file) => {
    const prefix = await readExactly(file, 0, Math.min(PREFIX_BYTES, file.bytes), 'SAFETENSORS_INVALID');
    const length = headerLength(prefix, file.bytes, file.path);
    const bytes = await readExactly(file, PREFIX_BYTES, length, 'SAFETENSORS_INVALID');
    const { text, tensors } = parseHeader(bytes, file.bytes, file.path);
    return { text, tensors, fileBytes: file.bytes, mtimeMs: file.mtimeMs };
  });
}

/** The same for a file in memory. */
export function parseSafetensors(file: Uint8Array, path: string): TensorInfo[] {
  const length = headerLength(file.subarray(0, PREFIX_BYTES), file.byteLength, path);
  return parseHeader(file.subarray(PREFIX_BYTES, PREFIX_BYTES + length), file.byteLength, path).tensors;
}

function headerLength(prefix: Uint8Array, fileBytes: number, path: string): number {
  if (prefix.byteLength < PREFIX_BYTES) throw invalid(path, `it has ${fileBytes} bytes; a header length of 8 bytes was expected`);
  const length = new DataView(prefix.buffer, prefix.byteOffset, PREFIX_BYTES).getBigUint64(0, true);
  if (length < 2n || length > BigInt(MAX_HEADER_BYTES))
    throw invalid(path, `it names a header of ${length} bytes; expected 2 to ${MAX_HEADER_BYTES} (is it a safetensors file?)`);
  if (length > BigInt(fileBytes - PREFIX_BYTES))
    throw invalid(path, `it names a header of ${length} bytes but has only ${fileBytes - PREFIX_BYTES} after the length; it is truncated`);
  return Number(length);
}

function parseHeader(bytes: Uint8Array, fileBytes: number, path: string): { text: string; tensors: TensorInfo[] } {
  const text = decodeHeader(bytes, path);
  const dataStart = PREFIX_BYTES + bytes.byteLength;
  const tensors: TensorInfo[] = [];
  for (const [name, entry] of Object.entries(parseJson(text, path))) {
    if (name === '__metadata__') checkMetadata(entry, path);
    else tensors.push(parseTensor(name, entry, dataStart, path));
  }
  tensors.sort((a, b) => a.offset - b.offset || a.bytes - b.bytes);
  checkCoverage(tensors, dataStart, fileBytes, path);
  return { text, tensors };
}

function decodeHeader(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new TrtllmError('SAFETENSORS_INVALID', `${path}: its header is not text in UTF-8`, { cause });
  }
}

function parseJson(text: string, path: string): Record<string, unknown> {
  const fault = findJsonFault(text, MAX_DEPTH);
  if (fault) throw invalid(path, `its header cannot be taken: ${fault}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TrtllmError('SAFETENSORS_INVALID', `${path}: its header is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (!isObject(value)) throw invalid(path, 'its header is not a JSON object');
  return value;
}

function checkMetadata(entry: unknown, path: string): void {
  if (!isObject(entry) || Object.values(entry).some((value) => typeof value !== 'string'))
    throw invalid(path, '__metadata__ is not an object of texts');
}

function parseTensor(name: string, entry: unknown, dataStart: number, path: string): TensorInfo {
  const refuse = (problem: string): TrtllmError => invalid(path, `${name}: ${problem}`);
  if (!isObject(entry)) throw refuse('expected an object with dtype, shape and data_offsets');
  const { dtype, shape, data_offsets: offsets } = entry;
  const elementBytes = typeof dtype === 'string' && Object.hasOwn(BYTES_PER_ELEMENT, dtype) ? BYTES_PER_ELEMENT[dtype]! : null;
  if (elementBytes === null) throw refuse(`dtype ${JSON.stringify(dtype)} is unknown; expected one of ${Object.keys(BYTES_PER_ELEMENT).join(', ')}`);
  if (!Array.isArray(shape) || shape.length > MAX_DIMS || !shape.every(isSize))
    throw refuse(`shape ${brief(shape)} is not a list of at most ${MAX_DIMS} non-negative integers`);
  const [begin, end, ...more] = Array.isArray(offsets) ? (offsets as unknown[]) : [];
  if (!isSize(begin) || !isSize(end) || begin > end || more.length > 0)
    throw refuse(`data_offsets ${brief(offsets)} is not [begin, end] with begin <= end`);
  const expected = shape.reduce((product, size) => product * BigInt(size), BigInt(elementBytes));
  const bytes = end - begin;
  if (expected !== BigInt(bytes)) throw refuse(`${dtype} [${shape.join(', ')}] needs ${expected} bytes, data_offsets give ${bytes}`);
  return { name, dtype: dtype as string, shape, offset: dataStart + begin, bytes };
}

/** Each tensor begins where the last one ended, and the last one ends the file. */
function checkCoverage(tensors: TensorInfo[], dataStart: number, fileBytes: number, path: string): void {
  let end = dataStart;
  for (const tensor of tensors) {
    if (tensor.offset !== end)
      throw invalid(path, `${tensor.name} begins at byte ${tensor.offset}, expected ${end}: ${tensor.offset < end ? 'tensors overlap' : 'there is a gap'}`);
    end += tensor.bytes;
  }
  if (end === fileBytes) return;
  const problem = end > fileBytes ? 'it is truncated; copy the file again' : 'there are bytes after the last tensor';
  throw invalid(path, `its tensors end at byte ${end}, the file has ${fileBytes}: ${problem}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function brief(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 80);
}

function invalid(path: string, problem: string): TrtllmError {
  return new TrtllmError('SAFETENSORS_INVALID', `${path}: ${problem}`);
}
