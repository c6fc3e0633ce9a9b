// `make test` after the build: lint, vitest and beside it ctest, ctest under sanitizers. Prints each part's failures, and one closing line.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const scratch = mkdtempSync(join(tmpdir(), 'trtllm-test-'));
const total = { passed: 0, failed: 0, skipped: 0 };

function run(title, command, args) {
  const started = Date.now();
  console.log(`\n== ${title}`);
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  console.log(`== ${title}: ${((Date.now() - started) / 1000).toFixed(0)} s`);
  return result.status === 0;
}

function add(title, ok, counts) {
  // A runner that died without a report, or that ran nothing, is a failure of its own.
  if (counts.passed + counts.failed === 0 || (!ok && counts.failed === 0)) counts.failed += 1;
  for (const key of Object.keys(total)) total[key] += counts[key];
  console.log(`== ${title}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
}

function check(title, command, args) {
  const ok = run(title, command, args);
  add(title, ok, { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 });
}

function vitest() {
  const report = join(scratch, 'vitest.json');
  const ok = run('TypeScript and end-to-end tests', 'node_modules/.bin/vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
  const counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    const json = JSON.parse(readFileSync(report, 'utf8'));
    counts.passed = json.numPassedTests;
    // A file that fails to load has no test in it.
    counts.failed = json.numFailedTests + json.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
    counts.skipped = json.numPendingTests + json.numTodoTests;
  } catch {}
  add('TypeScript and end-to-end tests', ok, counts);
}

const reportOf = (preset) => join(scratch, `${preset}.xml`);
const ctestArgs = (preset) => ['--test-dir', `native/build/${preset}`, '--output-on-failure', '-j', '2', '--progress', '--output-junit', reportOf(preset)];

function ctest(title, preset) {
  addCtest(title, preset, run(title, 'ctest', ctestArgs(preset)));
}

function addCtest(title, preset, ok) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    const head = readFileSync(reportOf(preset), 'utf8').slice(0, 2000);
    const field = (name) => Number(new RegExp(`${name}="(\\d+)"`).exec(head)?.[1] ?? 0);
    counts.failed = field('failures');
    counts.skipped = field('skipped') + field('disabled');
    counts.passed = field('tests') - counts.failed - counts.skipped;
  } catch {}
  add(title, ok, counts);
}

/** While others wait for something: with what they leave of the cores. What it prints comes when it is called for. */
function startBeside(preset) {
  const output = join(scratch, `${preset}.log`);
  const file = openSync(output, 'w');
  const child = spawn('ctest', ctestArgs(preset), { cwd: root, stdio: ['ignore', file, file] });
  closeSync(file);
  const ended = once(child, 'close').catch((error) => [error.message]);
  if (child.pid) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  return { ended, output };
}

async function ctestBeside(title, preset, { ended, output }) {
  console.log(`\n== ${title}, begun beside the others`);
  const [status] = await ended;
  process.stdout.write(readFileSync(output));
  addCtest(title, preset, status === 0);
}

check('lint', 'node_modules/.bin/oxlint', []);
check('types of the tests', 'node_modules/.bin/tsc', ['-p', 'tsconfig.test.json']);
check('arrows between packages', 'node', ['tools/check-arrows.mjs']);
const nativeTests = startBeside('release');
vitest();
await ctestBeside('native tests', 'release', nativeTests);
ctest('native tests under AddressSanitizer and UBSan', 'asan');
rmSync(scratch, { recursive: true, force: true });

console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);
