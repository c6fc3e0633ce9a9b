// Records of one file of a data set, in order: JSON, lines of JSON, CSV or Parquet. The only file that imports hyparquet.
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { TrtllmError } from '@trtllm/protocol';
import { DataRecord, readObjects, readRows } from '../plan/data-file.js';

export type FieldRecord = DataRecord<Readonly<Record<string, unknown>>>;

/** @param fields those that are wanted; of a Parquet file no others are read, but each column has its name in the record */
export async function* readRecords(path: string, fields: readonly string[]): AsyncGenerator<FieldRecord> {
  if (path.endsWith('.parquet')) yield* parquetRecords(path, fields);
  else if (/\.csv(\.gz)?$/.test(path)) yield* await readRows(path, []);
  else yield* await readObjects(path, (record) => record);
}

/** Group by group, since files are large. */
async function* parquetRecords(path: string, fields: readonly string[]): AsyncGenerator<FieldRecord> {
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    const names = parquetSchema(metadata).children.map(({ element }) => element.name);
    const unread = Object.fromEntries(names.map((name) => [name, undefined]));
    let row = 0;
    for (const { num_rows: count } of metadata.row_groups) {
      const [rowStart, rowEnd] = [row, row + Number(count)];
      const rows = await parquetReadObjects({ file, metadata, columns: fields.filter((field) => names.includes(field)), rowStart, rowEnd, compressors });
      for (const value of rows) yield new DataRecord(path, ++row, { ...unread, ...value });
      row = rowEnd;
    }
  } catch (cause) {
    if (cause instanceof TrtllmError) throw cause;
    throw new TrtllmError('BAD_FLAG', `${path}: not a Parquet file that can be read: ${(cause as Error).message}`, { cause });
  }
}
