// BurstGPT: CSV of Timestamp (s), Model, Request tokens, Response tokens and more. Lengths of GPT-4 requests with an answer, drawn as
// vLLM and benchmark_serving draw them; with a trace speed-up the first ones in their own time. Source: github.com/HPMLL/BurstGPT.
import { readRows, type DataRow } from '../data-file.js';
import { seededRandom, shuffledIndices } from '../seeded-random.js';
import type { Dataset, SampleContext } from './sampler.js';
import { inTime, replay, usable, withNotes, writeDrawn, type TraceRow } from './trace.js';

const MODEL = 'GPT-4';

export const burstgpt: Dataset = async (options) => {
  const table = await readRows(options.datasetPath!, ['Timestamp', 'Model', 'Request tokens', 'Response tokens']);
  const own = table.filter((row) => row.value['Model'] === MODEL);
  const { rows, notes } = usable(own.map(toTraceRow), options.maxInputLen);
  const others = { code: 'other-models', text: `${table.length - own.length} of ${table.length} requests are not of ${MODEL} and were left out` };
  const isReplay = options.traceSpeedup !== undefined;
  return (context) =>
    withNotes(
      [...(own.length < table.length ? [others] : []), ...notes],
      replay(context, isReplay ? inTime(rows) : drawRows(context, rows), writeDrawn),
    );
};

function toTraceRow(row: DataRow): TraceRow {
  const atMs = 1000 * Number(row.value['Timestamp']);
  if (!Number.isFinite(atMs)) throw row.error('Timestamp: seconds', row.value['Timestamp']);
  return { atMs, inputTokens: row.whole('Request tokens', 0), outputTokens: row.whole('Response tokens', 0) };
}

/** Without repeats while there are enough; times mean nothing then. */
function drawRows({ seed, numPrompts }: SampleContext, rows: readonly TraceRow[]): TraceRow[] {
  if (numPrompts <= rows.length) return Array.from(shuffledIndices(seededRandom(seed, 'burstgpt'), rows.length).subarray(0, numPrompts), (at) => ({ ...rows[at]!, atMs: 0 }));
  return Array.from({ length: numPrompts }, (_, index) => ({ ...rows[seededRandom(seed, 'burstgpt', index).integer(0, rows.length - 1)]!, atMs: 0 }));
}
