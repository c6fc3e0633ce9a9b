// Files of data sets -> records that know their line, for messages. A name that ends in .gz is unpacked.
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { TrtllmError } from '@trtllm/protocol';
import { arrayElements, isArray, linesOf, MalformedArray } from './json-pieces.js';

export class DataRecord<Value> {
  constructor(
    private readonly path: string,
    private readonly line: number,
    readonly value: Value,
  ) {}

  error(expected: string, found: unknown): TrtllmError {
    return lineError(this.path, this.line, expected, found);
  }

  /** Another value of the same line. */
  with<Other>(value: Other): DataRecord<Other> {
    return new DataRecord(this.path, this.line, value);
  }
}

/** A row of a table: texts by the name of their column. */
export class DataRow extends DataRecord<Readonly<Record<string, string>>> {
  whole(column: string, min: number): number {
    const text = this.value[column]!.trim();
    const value = Number(text);
    if (text === '' || !Number.isSafeInteger(value) || value < min) throw this.error(`${column}: a whole number >= ${min}`, text);
    return value;
  }
}

export async function readText(path: string): Promise<string> {
  return (await readBytes(path)).toString();
}

/** Objects of a JSON array, or of lines; only what `take` makes of each is kept. */
export async function readObjects<T>(path: string, take: (record: DataRecord<Record<string, unknown>>) => T): Promise<T[]> {
  const bytes = await readBytes(path);
  const taken: T[] = [];
  try {
    for (const { line, piece } of isArray(bytes) ? arrayElements(bytes) : linesOf(bytes)) taken.push(take(new DataRecord(path, line, parseObject(path, line, piece))));
  } catch (error) {
    if (error instanceof MalformedArray) throw lineError(path, error.line, error.expected, error.found);
    throw error;
  }
  if (taken.length === 0) throw new TrtllmError('BAD_FLAG', `${path}: expected JSON objects, found none`);
  return taken;
}

/** Rows of a comma-separated table whose first line names its columns; `needed` ones must be there. */
export async function readRows(path: string, needed: readonly string[]): Promise<DataRow[]> {
  const rows: DataRow[] = [];
  const options = {
    bom: true,
    columns: (names: string[]) => checkColumns(path, names, needed),
    skip_empty_lines: true,
    on_record: (value: Record<string, string>, { lines }: { lines: number }) => (rows.push(new DataRow(path, lines, value)), null),
  };
  try {
    parse(await readBytes(path), options);
  } catch (cause) {
    if (cause instanceof TrtllmError) throw cause;
    throw new TrtllmError('BAD_FLAG', `${path}: not a table: ${(cause as Error).message}`, { cause });
  }
  if (rows.length === 0) throw new TrtllmError('BAD_FLAG', `${path}: expected rows of ${needed.join(', ')}, found none`);
  return rows;
}

function checkColumns(path: string, names: string[], needed: readonly string[]): string[] {
  const trimmed = names.map((name) => name.trim());
  const missing = needed.find((name) => !trimmed.includes(name));
  if (missing !== undefined) throw lineError(path, 1, `columns ${needed.join(', ')}`, trimmed.join(', '));
  return trimmed;
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    const bytes = await readFile(path);
    return path.endsWith('.gz') ? await promisify(gunzip)(bytes) : bytes;
  } catch (cause) {
    throw new TrtllmError('BAD_FLAG', `--dataset-path ${path}: ${(cause as Error).message}`, { cause });
  }
}

function lineError(path: string, line: number, expected: string, found: unknown): TrtllmError {
  const text = typeof found === 'string' ? found : JSON.stringify(found) ?? String(found);
  return new TrtllmError('BAD_FLAG', `${path}:${line}: expected ${expected}, found ${text.length > 100 ? `${text.slice(0, 100)}…` : text}`);
}

function parseObject(path: string, line: number, piece: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(piece.toString());
  } catch (cause) {
    throw lineError(path, line, `a JSON object (${(cause as Error).message})`, piece.subarray(0, 200).toString());
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw lineError(path, line, 'a JSON object', value);
  return value as Record<string, unknown>;
}
