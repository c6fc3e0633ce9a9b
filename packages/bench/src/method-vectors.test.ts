// The numbered test vectors of the benchmark's methods, from bytes and times to figures. Here are those that cross rooms; the others are
// tested where the method is:
//
//    1  four events of four tokens                here; client/timeline.test.ts (waits shared among tokens)
//    2  role, empty text, two texts in a read     client/stream-client.test.ts (over a socket), client/timeline.test.ts
//    3  one token                                 here; client/timeline.test.ts, report/goodput.test.ts
//    4  late by 30 ms                             here; client/timeline.test.ts (queue)
//    5  error object after two texts              here; client/stream-client.test.ts; exit code in test/bench-failures.test.ts
//    6  usage beside the last text                client/stream-client.test.ts
//    7  reasoning before the answer               here
//    8  bytes cut anywhere, or all in one read    here
//    9  no blank, CRLF, comments, joined lines    client/sse-parser.test.ts
//   10  two timeouts of ten                       statistics/distribution.test.ts
//   11  percentiles of 1, 2, 3, 4                 statistics/distribution.test.ts
//   12  ShareGPT's rules                          plan/datasets/sharegpt.test.ts
//   13  lengths by ratio                          plan/length-law.test.ts
//   14  gamma gaps                                plan/arrivals.test.ts
//   15  the sequential test's first look          compare/sequential-test.test.ts
//   and the tables of ranks and of smallest sizes: statistics/percentile-interval.test.ts, statistics/distribution.test.ts
import { expect, test } from 'vitest';
import { settleOptions, type BenchInput } from './bench-options.js';
import { ReplyReader } from './client/reply-reader.js';
import { recordOf, type RequestRecord } from './client/request-record.js';
import { SseParser } from './client/sse-parser.js';
import { latenciesOf } from './client/timeline.js';
import { summarize } from './report/summary.js';
import { chat, completion, DONE, sse, usage } from './test-support/scripted-server.js';

type Read = [at: number, bytes: string | Uint8Array];

/** A reply that came in these reads, to a request sent at 0 ms. */
function replay(reads: readonly Read[], scheduled = 0): RequestRecord {
  const reply = new ReplyReader();
  let now = 0;
  const parser = new SseParser((data, event) => reply.takeEvent(data, event, now));
  for (const [at, bytes] of reads) {
    now = at;
    parser.push(Buffer.from(bytes));
  }
  reply.endStream(now);
  return recordOf({ index: 0, prompt: 'x', inputTokens: 3, outputTokens: 16 }, { scheduled, sent: 0, ended: reply.doneAt ?? now, isStream: true, reply });
}

function reportOf(record: RequestRecord, input: BenchInput = {}) {
  const options = settleOptions({ tokenizeOnClient: true, vocabSize: 9, numPrompts: 1, ...input });
  return summarize({ options, model: 'm', planHash: '', planNotes: [], expectsCacheHits: false, startedAt: new Date(0), interrupted: false, records: [record], observed: { notes: [] }, repeats: new Map(), client: { cpuS: 0, loopLags: [], sendLags: [], wallDrift: 0 } });
}

const fourOfFour = (told: number) => completion('four', { usage: { prompt_tokens: 3, completion_tokens: told } });
const FOUR: Read[] = [[100, fourOfFour(4)], [140, fourOfFour(8)], [180, fourOfFour(12)], [220, fourOfFour(16)], [221, DONE]];
const FOUR_FIGURES = { ttft: 100, e2el: 220, tpot: 8, icl: [40, 40, 40], itl: [0, 0, 0, ...Array.from({ length: 12 }, () => 10)] };

test('vector 1: four events of four tokens', () => {
  const record = replay(FOUR);
  expect(record).toMatchObject({ outcome: 'ok', outputTokens: 16, timeline: { tokens: [4, 4, 4, 4] } });
  expect(latenciesOf(record.timeline, 16)).toMatchObject(FOUR_FIGURES);
  const { latencies, coalescing } = reportOf(record);
  expect(coalescing).toBe(4);
  expect(latencies.itl).toMatchObject({ n: 15, mean: 8, median: 10 });
});

test('vector 3: one token counts for the limits that it has', () => {
  const record = replay([[50, completion('a', usage(3, 1)) + DONE]]);
  const { ttft, e2el, tpot, itl, icl } = latenciesOf(record.timeline, record.outputTokens);
  expect({ ttft, e2el, tpot, itl, icl }).toEqual({ ttft: 50, e2el: 50, tpot: undefined, itl: [], icl: [] });
  const goodput = (limits: BenchInput['goodput']) => reportOf(record, { goodput: limits! }).goodput! > 0;
  expect([goodput({ ttft: 50, e2el: 50, tpot: 1 }), goodput({ ttft: 49 }), goodput({ e2el: 49 })]).toEqual([true, false, false]);
});

test('vector 4: 30 ms late, the first token is 80 ms after it was due', () => {
  const record = replay([[50, completion('a', usage(3, 1)) + DONE]], -30);
  expect(latenciesOf(record.timeline, 1)).toMatchObject({ queue: 30, ttft: 50 });
  const isGood = (ttft: number) => reportOf(record, { goodput: { ttft }, requestRate: 4 }).goodput! > 0;
  expect([isGood(79), isGood(80)]).toEqual([false, true]);
});

test('vector 5: an error object after two texts gives no latency and two tokens apart', () => {
  const record = replay([[40, completion('a')], [60, completion('b')], [61, sse({ error: { message: 'worker died' } })]]);
  expect(record.outcome).toBe('stream-error');
  expect(reportOf(record)).toMatchObject({ completed: 0, failed: 1, outputTokens: 0, lostOutputTokens: 2, latencies: { ttft: undefined, e2el: undefined } });
});

test.each(['reasoning_content', 'reasoning'])('vector 7: %s from 30 to 200, the answer at 210', (field) => {
  const thought = Array.from({ length: 18 }, (_, i): Read => [30 + 10 * i, chat({ [field]: 'hm ' })]);
  const record = replay([...thought, [210, chat({ content: 'Yes' })], [220, chat({ content: '.' })], [221, DONE]]);
  expect(latenciesOf(record.timeline, record.outputTokens)).toMatchObject({ ttft: 30, ttfo: 210, e2el: 220 });
  expect(reportOf(record).latencies.ttfo).toMatchObject({ n: 1, mean: 210 });
  const plain = replay([[30, chat({ content: 'Yes' })], [31, DONE]]);
  expect(latenciesOf(plain.timeline, 1).ttfo).toBeUndefined();
  const mute = replay([[30, chat({ [field]: 'hm' })], [31, DONE]]);
  expect(latenciesOf(mute.timeline, 1)).toMatchObject({ ttft: 30, ttfo: undefined });
});

test('vector 8: bytes cut anywhere give the same figures, all in one read fifteen gaps of zero', () => {
  for (const [i, [at, text]] of FOUR.entries()) {
    const bytes = Buffer.from(text);
    for (let cut = 0; cut <= bytes.length; ++cut) {
      const halves: Read[] = [[at, bytes.subarray(0, cut)], [at, bytes.subarray(cut)]];
      const { timeline, outputTokens } = replay(FOUR.toSpliced(i, 1, ...halves));
      expect(latenciesOf(timeline, outputTokens), `event ${i} cut at ${cut}`).toMatchObject(FOUR_FIGURES);
    }
  }
  const record = replay([[220, FOUR.map(([, text]) => text).join('')]]);
  expect(latenciesOf(record.timeline, 16)).toMatchObject({ ttft: 220, e2el: 220, tpot: 0, icl: [], itl: Array.from({ length: 15 }, () => 0) });
  const { coalescing, notes } = reportOf(record);
  expect(coalescing).toBe(16);
  expect(notes.map(({ code }) => code)).toContain('coalescing');
});
