// Real processes: servers of a few lines of Node, started through the shell.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrtllmError } from '@trtllm/protocol';
import { afterEach, expect, test } from 'vitest';
import { withServers, type ServersOptions, type Target } from './with-servers.js';

const cleanUp: (() => unknown)[] = [];
afterEach(() => cleanUp.splice(0).forEach((act) => act()));

function options(more: Partial<ServersOptions> = {}): ServersOptions {
  const logDir = mkdtempSync(join(tmpdir(), 'with-servers-'));
  cleanUp.push(() => rmSync(logDir, { recursive: true }));
  return { logDir, startTimeoutMs: 30_000, signal: new AbortController().signal, ...more };
}

/** Its first `refusals` answers at /health are 503, as of a server that loads its model; asked for /end it breaks. */
function nodeServer(refusals = 0): string {
  const script = `let left=${refusals};require('http').createServer((q,r)=>{if(q.url=='/end')throw Error('out of memory');r.statusCode=q.url=='/health'&&left-->0?503:200;r.end('I am '+process.pid)}).listen(process.argv[1],'127.0.0.1');console.log('serving')`;
  return `"${process.execPath}" -e "${script}" {port}`;
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const pidAt = async (url: string): Promise<number> => Number((await (await fetch(url)).text()).replace('I am ', ''));

test('both are started, waited for, and gone afterwards; what they said is kept', async () => {
  const settings = options();
  const pids = await withServers({ a: { command: nodeServer(3) }, b: { command: `${nodeServer()} & wait` } }, settings, async ({ a, b }) => [await pidAt(a), await pidAt(b)]);
  expect(pids[0]).not.toBe(pids[1]);
  expect(pids.map(isAlive)).toEqual([false, false]);
  for (const side of ['a', 'b']) expect(readFileSync(join(settings.logDir, `server-${side}.log`), 'utf8')).toBe('serving\n');
});

test('a URL is left alone, and an error of the work stops what was started', async () => {
  let pid = 0;
  const work = withServers({ a: { url: 'http://127.0.0.1:9' }, b: { command: nodeServer() } }, options(), async ({ a, b }) => {
    expect(a).toBe('http://127.0.0.1:9');
    pid = await pidAt(b);
    throw new Error('broken');
  });
  await expect(work).rejects.toThrow('broken');
  expect(isAlive(pid)).toBe(false);
});

test('a command that ends is named with the last that it said, and the other server is stopped', async () => {
  const settings = options();
  const targets = { a: { command: nodeServer() }, b: { command: 'echo no such model >&2; exit 3; # {port}' } };
  await expect(withServers(targets, settings, async () => 1)).rejects.toMatchObject({
    code: 'SERVER_UNREACHABLE',
    message: expect.stringMatching(/server b: its command ended with exit code 3; .*server-b\.log ends with:\n {2}no such model$/) as string,
  });
});

test('one that does not answer in time is given up, and so is one when the user stops', async () => {
  const silent = { a: { command: 'echo loading; sleep 60; # {port}' }, b: { url: 'http://127.0.0.1:9' } };
  await expect(withServers(silent, options({ startTimeoutMs: 400 }), async () => 1)).rejects.toThrow(/health did not answer within 0\.4 s; .* ends with:\n {2}loading$/);
  const stop = new AbortController();
  const stopped = withServers(silent, options({ signal: stop.signal, onStart: () => setTimeout(() => stop.abort(new Error('stopped by user')), 100) }), async () => 1);
  await expect(stopped).rejects.toThrow('stopped by user');
});

test('failed requests of a server that is gone are told with its end', async () => {
  const work = withServers({ a: { command: nodeServer() }, b: { url: 'http://127.0.0.1:9' } }, options(), async ({ a }) => {
    const pid = await pidAt(a);
    await fetch(`${a}/end`).catch(() => {});
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
    throw new TrtllmError('BENCH_FAILED_REQUESTS', 'server a: 4 of 4 requests failed');
  });
  await expect(work).rejects.toMatchObject({ code: 'BENCH_FAILED_REQUESTS', message: expect.stringMatching(/4 of 4 requests failed; server a: its command ended with exit code 1; [^]*out of memory/) as string });
});

test.each<[Target, RegExp]>([
  [{}, /--b: expected a URL, or --b-command/],
  [{ command: 'serve --port 80' }, /--b-command serve --port 80: expected \{port\}/],
])('%j is refused before anything is started', async (b, message) => {
  const settings = options();
  await expect(withServers({ a: { command: nodeServer() }, b }, settings, async () => 1)).rejects.toThrow(message);
  expect(existsSync(join(settings.logDir, 'server-a.log'))).toBe(false);
});
