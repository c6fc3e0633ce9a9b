// Azure LLM inference traces: CSV of TIMESTAMP, ContextTokens, GeneratedTokens. Source of the format: github.com/Azure/AzurePublicDataset.
import { readRows, type DataRow } from '../data-file.js';
import type { Dataset } from './sampler.js';
import { inTime, replay, usable, withNotes, writeDrawn } from './trace.js';

export const azure: Dataset = async (options) => {
  const table = await readRows(options.datasetPath!, ['TIMESTAMP', 'ContextTokens', 'GeneratedTokens']);
  const { rows, notes } = usable(
    inTime(table.map((row) => ({ atMs: timeMs(row), inputTokens: row.whole('ContextTokens', 0), outputTokens: row.whole('GeneratedTokens', 0) }))),
    options.maxInputLen,
  );
  return (context) => withNotes(notes, replay(context, rows, writeDrawn));
};

/** ms since 1970; the files have seven decimals of seconds, and of the later ones some have a zone. */
function timeMs(row: DataRow): number {
  const text = row.value['TIMESTAMP']!;
  const [, day, time, fraction = '0', zone = 'Z'] = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?$/.exec(text.trim()) ?? [];
  const seconds = Date.parse(`${day}T${time}${zone}`);
  if (Number.isNaN(seconds)) throw row.error('TIMESTAMP: a time such as 2023-11-16 18:15:46.6805900', text);
  return seconds + 1000 * Number(fraction);
}
