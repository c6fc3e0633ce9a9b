// Conversations in every output: who came to which turn, how long the prompts were by then, what it cost.
import { expect, test } from 'vitest';
import { settleOptions } from '../bench-options.js';
import type { RequestRecord } from '../client/request-record.js';
import { runBenchmark } from '../run-benchmark.js';
import { chat, DONE, openStream, serverFor, sse } from '../test-support/scripted-server.js';
import { STORIES_DIR } from '../test-support/tokenizer.js';
import { html } from '../views/html/page.js';
import { markdown } from '../views/markdown.js';
import { runView } from '../views/run-view.js';
import { runsContent } from '../views/runs-content.js';
import type { BenchReport } from './bench-report.js';
import { reportJson } from './report-json.js';
import { formatReport } from './report-tables.js';
import { summarize } from './summary.js';

function record(index: number, turn: number | undefined, ttft: number, more: Partial<RequestRecord> = {}): RequestRecord {
  const stamps = [ttft, ttft + 10, ttft + 20];
  const timeline = { scheduled: 0, sent: 0, stamps, tokens: [1, 1, 1], done: ttft + 20 };
  return { index, turn, outcome: 'ok', timeline, plannedInput: 100, serverInput: 100, requestedOutput: 3, outputTokens: 3, outputFrom: 'usage', text: 'x', ...more };
}

function reportOn(records: RequestRecord[]): BenchReport {
  const client = { cpuS: 0, loopLags: [], sendLags: [], wallDrift: 0 };
  return summarize({ options: settleOptions({ numPrompts: records.length }), model: 'm', planHash: '', planNotes: [], expectsCacheHits: true, startedAt: new Date(0), interrupted: false, records, observed: { notes: [] }, repeats: new Map(), client });
}

const TALKS = [
  record(0, 0, 100),
  record(1, 1, 30, { serverInput: 200, cachedInput: 150 }),
  record(2, 2, 40),
  record(3, 0, 200),
  record(4, 1, 50, { serverInput: 300, cachedInput: 250 }),
  record(5, 2, 0, { outcome: 'truncated', reason: 'gone' }),
  record(6, undefined, 7),
];

test('each turn has its own figures, and requests outside conversations are in none', () => {
  const { turns } = reportOn(TALKS);
  expect(turns).toMatchObject([
    { turn: 1, completed: 2, failed: 0, inputTokens: 100, outputTokens: 3, cachedShare: 0, latencies: { ttft: { n: 2, mean: 150, median: 150 }, tpot: { mean: 10 }, e2el: { mean: 170 } } },
    { turn: 2, completed: 2, failed: 0, inputTokens: 250, cachedShare: 400 / 500, latencies: { ttft: { mean: 40 } } },
    { turn: 3, completed: 1, failed: 1, latencies: { ttft: { n: 1, mean: 40 }, itl: { n: 2 } } },
  ]);
});

test('they are printed, stored, and in the reports of fresh and stored runs', () => {
  const report = reportOn(TALKS);
  expect(formatReport(report)).toMatch(/2 +│ +2 │ +250 │ +80 % │ +40\.0\* │ +– │ +10\.0\* │/);
  const content = runsContent([runView(JSON.parse(JSON.stringify(reportJson(report))), { label: 'a' }, 'a')]);
  expect(content.tables[1]!.title).toBe('Turns');
  expect(content.tables[1]!.rows.map((row) => row.slice(0, 4))).toEqual([['a', 1, 2, 0], ['a', 2, 2, 0], ['a', 3, 1, 1]]);
  expect(markdown(content)).toMatch(/\| a \| 2 \| 2 \| 0 \| 250 \| 80 % \| 40\.0/);
  expect(html(content)).toContain('TTFT by turn, median');
});

test('without conversations, or with none beyond its first turn, nothing is said of turns', () => {
  const report = reportOn([record(0, 0, 10), record(1, undefined, 10)]);
  expect(report.turns).toBeUndefined();
  expect(formatReport(report)).not.toContain('turn');
  expect(reportJson(report)['trtllm']).not.toHaveProperty('turns');
  const content = runsContent([runView(reportJson(report), { label: 'a' }, 'a')]);
  expect(content.tables).toHaveLength(1);
  expect(html(content)).not.toContain('Turns of conversations');
});

test('a run of conversations tells how prompts grow and what of them was cached', async () => {
  const { url } = await serverFor(({ messages, max_completion_tokens: numTokens }, reply) => {
    openStream(reply);
    for (let i = 0; i < numTokens; i++) reply.write(chat({ content: 'x' }));
    const cached = 10 * (messages.length - 1);
    reply.end(sse({ choices: [], usage: { prompt_tokens: 40 + cached, completion_tokens: numTokens, prompt_tokens_details: { cached_tokens: cached } } }) + DONE);
  });
  const report = await runBenchmark({ baseUrl: url, tokenizerDir: STORIES_DIR, backend: 'openai-chat', datasetName: 'synthetic', syntheticTurns: 3, syntheticInputLen: '12', syntheticOutputLen: '4', numPrompts: 12, testInput: false });
  expect(report.turns).toMatchObject([
    { turn: 1, completed: 4, inputTokens: 40, cachedShare: 0 },
    { turn: 2, completed: 4, inputTokens: 60, cachedShare: 20 / 60 },
    { turn: 3, completed: 4, inputTokens: 80, cachedShare: 40 / 80 },
  ]);
});
