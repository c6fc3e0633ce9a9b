// Reports of static runs, in every format.
import { expect, test } from 'vitest';
import { staticReport } from '../static/static-report.js';
import { MACHINE, STATIC_INPUT, STATIC_RECORDS } from '../test-support/static-run.js';
import { csv } from './csv.js';
import { html } from './html/page.js';
import { junit } from './junit.js';
import { markdown } from './markdown.js';
import { staticContent } from './static-content.js';

const content = staticContent(staticReport(STATIC_INPUT, STATIC_RECORDS), STATIC_RECORDS);

test('people see speeds, latencies, lengths and how near the machine’s limit they are', () => {
  const text = markdown(content);
  expect(text).toContain('| output | 10.0 | tok/s |');
  expect(text).toContain('| TTFT | 200 | 300 |');
  expect(text).toMatch(/\| whole run \| [\d.]+ \| 10\.0 \| 10\.5 % \| avx2 fp32 1000 GFLOP\/s \|/);
  const page = html(content);
  expect(page.match(/<svg viewBox="0 0 380/g)).toHaveLength(4);
  expect(page).toContain('sorted[int(n p)], as trtllm-bench counts them');
});

test('programs get one row under the names of trtllm-bench’s report, and one test case', () => {
  const [head, row, ...rest] = csv(content.csv).trimEnd().split('\n').map((line) => line.split(','));
  const value = (name: string): string => row![head!.indexOf(name)]!;
  expect(rest).toEqual([]);
  expect([value('kind'), value('system_output_throughput_tok_s'), value('p50_ttft_ms'), value('average_tpot_ms')]).toEqual(['throughput', '10', '300', '50']);
  expect(Number(value('limit_share'))).toBeCloseTo(0.105, 12);
  expect(junit(content)).toContain('<testcase classname="throughput tiny" name="every request completes" time="0.400"/>');
});

test('what was not streamed or not measured is left out, and what is doubtful is said', () => {
  const quiet = staticContent(staticReport({ ...STATIC_INPUT, streaming: false, measured: [] }, STATIC_RECORDS), STATIC_RECORDS);
  expect(markdown(quiet)).not.toMatch(/TTFT|of limit/);
  expect(quiet.sections().map(({ charts }) => charts.length)).toEqual([1, 1]);
  const measured = [MACHINE, { ...MACHINE, gflops: 500 }];
  const pieces = STATIC_RECORDS.map((record) => ({ ...record, pieces: 1 }));
  const { notes } = staticContent(staticReport({ ...STATIC_INPUT, measured }, pieces), pieces);
  expect(notes.map(({ text }) => text)).toEqual([expect.stringContaining('2.00 tokens came at a time'), expect.stringContaining('the measurements differ by 50 %')]);
});
