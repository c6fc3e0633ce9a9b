import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compareResults } from '../compare/compare-results.js';
import { temporaryFile } from '../test-support/planned.js';
import { alike, vllmResult } from '../test-support/results.js';
import { abContent } from './ab-content.js';
import { comparisonContent } from './comparison-content.js';
import type { ReportContent } from './content.js';
import { gateContent } from './gate-content.js';
import { requestsOfArrays } from './request-view.js';
import { runView, type RunView } from './run-view.js';
import { runsContent } from './runs-content.js';
import { reportFiles, writeReports } from './write-reports.js';

const HOSTILE = `<script>alert("x")</script>|a,b\u0007"]]>`;

function run(label: string, json: Record<string, unknown>): RunView {
  return runView(json, { label }, `${label}.json`, requestsOfArrays(json));
}

function written(content: ReportContent, ending: string): string {
  const path = join(temporaryFile('x', ''), '..', 'made/here', `report.${ending}`);
  writeReports(reportFiles([path], '--report'), content);
  return readFileSync(path, 'utf8');
}

const good = run('c1', vllmResult(alike(40, 0.1, 0.01), { max_concurrency: 1 }));
const failing = run('c4', vllmResult([...alike(40, 0.2, 0.02), { start: 120, ttft: 1, gaps: [], error: 'HTTP 503' }], {
  max_concurrency: 4,
  model_id: HOSTILE,
  trtllm: { failures: [{ outcome: 'http', reason: HOSTILE, count: 1 }] },
}));

test('CSV has a row a run under names that programs know, full digits, nothing where there is nothing', () => {
  const [head, first, second] = written(runsContent([good, failing]), 'csv').trim().split('\n');
  const at = (line: string, name: string): string | undefined => line.split(',')[head!.split(',').indexOf(name)];
  expect(at(first!, 'run')).toBe('c1');
  expect(at(first!, 'output_throughput')).toBe(String(good.file.output_throughput));
  expect(at(first!, 'p50_ttft_ms')).toMatch(/^10[12]\.\d+$/);
  expect(at(first!, 'request_rate')).toBe('');
  expect(second).toContain('"<script>alert(""x"")</script>|a,b');
});

test('Markdown tables keep their shape whatever a name holds', () => {
  const text = written(runsContent([good, failing]), 'md');
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  expect(new Set(rows.map((row) => row.replaceAll('\\|', '').split('|').length)).size).toBe(1);
  expect(rows).toHaveLength(4);
  expect(text).not.toContain('<script>');
  expect(text).toContain('1 x http');
});

test('JUnit counts cases and failures, and says why', () => {
  const xml = written(runsContent([good, failing]), 'xml');
  expect(xml).toMatch(/<testsuites [^>]*tests="2" failures="1" errors="0" skipped="0"/);
  expect(xml).toContain('<testcase classname="c1" name="every request completes"');
  expect(xml).toMatch(/<failure message="1 of 41 requests failed">1 of 41 requests failed\n1 x http: &lt;script&gt;/);
  // oxlint-disable-next-line no-control-regex
  expect(xml).not.toMatch(/<script|\u0007/);
});

test('a verdict is the first line of a page and a case of its own, its findings are among what to know', () => {
  const finding = { fault: 'client-starved', evidence: '98 % of a core used', mend: 'give it another' };
  const judged = (label: string, findings: unknown[]) => run(label, vllmResult(alike(4, 0.1, 0.01), { trtllm: { verdict: { believable: findings.length === 0, findings } } }));
  const content = runsContent([judged('one', []), judged('two', [finding])]);
  expect(content.headline).toEqual({ mood: 'bad', text: 'Not believable: 1 of 2 runs. What was found is below.' });
  expect(content.notes).toEqual([{ about: 'two', isBad: true, text: 'client starved of CPU (98 % of a core used): give it another' }]);
  expect(written(content, 'xml')).toMatch(/classname="one" name="the run is believable" time="0.000"\/>[\s\S]*classname="two" name="the run is believable" time="0.000"><failure message="client starved of CPU \(98/);
  expect(runsContent([judged('one', [])]).headline).toEqual({ mood: 'good', text: 'Believable' });
});

test('the page loads nothing, runs nothing, and has a chart of everything', () => {
  const page = written(runsContent([good, failing]), 'html');
  expect(page).not.toMatch(/<script|<link rel="stylesheet"|@import|url\(|(?:src|href)="(?!data:,")/);
  expect(page).toContain("default-src 'none'");
  for (const title of ['Throughput against latency', 'By maximum concurrency', 'Distributions', 'Time lines', 'Definitions']) expect(page).toContain(`<h2>${title}</h2>`);
  expect(page.match(/<svg viewBox="0 0 (?:560|380)/g)).toHaveLength(2 + 4 + 4 + 2 * 3);
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});

test('a run without streaming, without requests or without a single success has a page too', () => {
  const { ttfts: _, ...bare } = vllmResult(alike(3, 0.1, 0.01));
  const none = vllmResult([{ start: 1, ttft: 1, gaps: [], error: 'refused' }]);
  const whole = vllmResult([{ start: 1, ttft: -1, gaps: [] }], { ttfts: [-1], latencies: [0.5] });
  for (const json of [bare, none, whole]) expect(written(runsContent([run('x', json)]), 'html')).not.toMatch(/NaN|undefined|Infinity/);
});

const withIntervals = (label: string, ttft: number, interval: [number, number]): RunView =>
  run(label, vllmResult(alike(40, ttft, 0.01), { median_ttft_ms: 1000 * ttft, trtllm: { intervals_95_ms: { ttft: { p50: interval } } } }));

test('a comparison fails CI where b is worse and the intervals are apart, and skips what has none', () => {
  const [a, b] = [withIntervals('a', 0.1, [95, 105]), withIntervals('b', 0.2, [190, 210])];
  const xml = written(comparisonContent(compareResults(a.file, b.file), a, b), 'xml');
  expect(xml).toMatch(/name="median_ttft_ms"[^>]*><failure message="a 100, b 200: \+100\.00 %/);
  expect(xml).toMatch(/name="output_throughput"[^>]*><skipped message="[^"]*no interval/);
  expect(written(comparisonContent(compareResults(b.file, a.file), b, a), 'xml')).toContain('failures="0"');
});

test('a comparison draws each change with every ratio that both intervals allow', () => {
  const [a, b] = [withIntervals('a', 0.1, [95, 105]), withIntervals('b', 0.2, [190, 210])];
  const content = comparisonContent(compareResults(a.file, b.file), a, b);
  expect(content.headline).toMatchObject({ mood: 'bad', text: expect.stringContaining('median_ttft_ms +100.00 %') });
  const page = written(content, 'html');
  expect(page).toMatch(/<g class="forest bad"><text [^>]*>median_ttft_ms<\/text>\s*<line class="whisker"/);
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});

test('an A/B result is one case: passed, failed, or skipped while it is undecided', () => {
  const pairs = [0.05, 0.04, 0.06, 0.05, 0.045, 0.055, 0.05].map((difference) => ({ a: 100, b: 100 * Math.exp(-difference), difference, first: 'a' as const }));
  const facts = { names: { a: 'http://a', b: 'http://b' }, metric: 'output_throughput', threshold: 0.03, verdictLine: 'regression: b is 5 % worse' };
  const contentOf = (verdict: 'pass' | 'fail' | 'undecided') => abContent({ verdict, pairs, loss: 0.05, interval: undefined }, facts);
  expect(written(contentOf('fail'), 'xml')).toMatch(/failures="1".*<failure message="regression: b is 5 % worse">/s);
  expect(written(contentOf('pass'), 'xml')).toMatch(/tests="1" failures="0" errors="0" skipped="0"/);
  expect(written(contentOf('undecided'), 'xml')).toMatch(/skipped="1"/);
  expect(written(contentOf('fail'), 'csv').split('\n')[1]).toMatch(/^1,a,100,95\.1229\d*,0\.0512\d*$/);
  const page = written(contentOf('fail'), 'html');
  // From the sixth pair on there is an interval.
  expect(page.match(/class="whisker"/g)).toHaveLength(2);
});

test('a gate is one case with its verdict line, and a line for each figure', () => {
  const figures = [
    { metric: 'output_throughput' as const, baseline: 100, candidate: 95, loss: 0.0526, interval: { lower: 0.04, upper: 0.06 } },
    { metric: 'ttft' as const, baseline: 10, candidate: 10, loss: 0, interval: { lower: -0.01, upper: 0.01 } },
    { metric: 'itl' as const, baseline: 5, candidate: 5, loss: 0, interval: undefined },
  ];
  const content = gateContent({ verdict: 'fail', figures, confidence: 0.98, from: 'runs', runs: { baseline: 3, candidate: 3 }, notes: ['a note'] }, 0.03);
  expect(written(content, 'xml')).toMatch(/name="no regression in output_throughput" [^>]*><failure message="regression: candidate is 5\.26 % worse in output_throughput/);
  expect(written(content, 'csv').split('\n').slice(1, 4)).toEqual(['output_throughput,100,95,0.0526,0.04,0.06', 'ttft,10,10,0,-0.01,0.01', 'itl,5,5,0,,']);
  expect([...written(content, 'html').matchAll(/class="forest (\w+)"/g)].map(([, mood]) => mood)).toEqual(['bad', 'good', 'open']);
});

test('a name that tells no format is refused before anything is measured', () => {
  expect(() => reportFiles(['a.html', 'b.pdf'], '--report')).toThrow(/--report b\.pdf: expected a name that ends in \.html, \.md, \.csv, \.xml/);
  expect(() => reportFiles(['html'], '--report')).toThrow(/expected a name/);
});
