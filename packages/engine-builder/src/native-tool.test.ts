// Against scripts that speak as a native tool does, or should not.
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runNativeTool } from './native-tool.js';
import { temporaryFolder } from './testing/tiny-checkpoint.js';

const folder = temporaryFolder();

/** Runs a tool that is this JavaScript, with one argument. */
async function runScript(script: string, onProgress: (progress: unknown) => void = () => {}, signal?: AbortSignal): Promise<unknown> {
  const nativeDirectory = mkdtempSync(join(folder, 'native-'));
  const program = join(nativeDirectory, 'trtllm-script');
  writeFileSync(program, `#!${process.execPath}\nconst say = (line) => console.log(JSON.stringify(line));\n${script}\n`);
  chmodSync(program, 0o755);
  return runNativeTool({ nativeDirectory, tool: 'trtllm-script', args: ['a'], onProgress, signal });
}

const refusal = (code: string, message: string) => expect.objectContaining({ code, message: expect.stringContaining(message) });

it('tells every progress, then the result', async () => {
  const seen: unknown[] = [];
  expect(await runScript('say({ progress: 1 }); say({ progress: 2 }); say({ result: process.argv.slice(2) });', (progress) => seen.push(progress))).toEqual(['a']);
  expect(seen).toEqual([1, 2]);
});

it('an error comes with its code, an unknown code as an internal error', async () => {
  const failing = (code: string) => runScript(`say({ error: { code: '${code}', message: 'because' } }); process.exitCode = 1;`);
  await expect(failing('TIMING_CACHE_INVALID')).rejects.toEqual(refusal('TIMING_CACHE_INVALID', 'because'));
  await expect(failing('NO_SUCH_CODE')).rejects.toEqual(refusal('INTERNAL_ERROR', 'because'));
});

it('an end without a result is told with the exit and what was said on stderr', async () => {
  await expect(runScript("console.error('bad flag'); process.exitCode = 2;")).rejects.toEqual(refusal('IO_ERROR', 'trtllm-script exited with 2 before it was done; it said: bad flag'));
  await expect(runScript("say({ result: {} }); process.kill(process.pid, 'SIGKILL');")).rejects.toEqual(refusal('IO_ERROR', 'was ended by SIGKILL'));
  await expect(runScript("console.log('hello');")).rejects.toEqual(refusal('INTERNAL_ERROR', 'not JSON: hello'));
});

it('an abort ends the tool and is thrown', async () => {
  const controller = new AbortController();
  const stop = () => controller.abort(new Error('stopped by a test'));
  await expect(runScript('say({ progress: 1 }); setTimeout(() => {}, 60_000);', stop, controller.signal)).rejects.toThrow('stopped by a test');
});
