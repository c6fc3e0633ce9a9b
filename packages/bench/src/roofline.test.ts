import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { formatRoofline, measureRoofline, type Roofline } from './roofline.js';

const dir = mkdtempSync(join(tmpdir(), 'roofline-test-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A stand-in that answers as the native one does; the native one is tested where it is built. */
function executable(script: string): string {
  const path = join(dir, 'roofline');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const ROOFLINE: Roofline = {
  isas: ['avx2', 'avx512'],
  cpu_features: 'avx2 fma',
  threads: 2,
  seconds: 2,
  arithmetic: [
    { isa: 'avx512', type: 'fp32', threads: 1, gflops: 240.04 },
    { isa: 'avx512', type: 'fp32', threads: 2, gflops: 470 },
  ],
  read: [
    { level: 'DRAM', bytes_per_thread: 1e9, threads: 1, gbytes_per_second: 16.7 },
    { level: 'DRAM', bytes_per_thread: 1e9, threads: 2, gbytes_per_second: 32.9 },
  ],
  barrier_ns: 220.4,
};

test('one thread and all threads stand beside each other', () => {
  const text = formatRoofline(ROOFLINE);
  expect(text).toMatch(/avx512 fp32 │ +240\.0 │ +470\.0 │ GFLOP\/s/);
  expect(text).toMatch(/DRAM │ +16\.7 │ +32\.9 │ GB\/s/);
  expect(text).toContain('Barrier of all threads: 220 ns');
});

test('a machine with one core has one column', () => {
  const one = { ...ROOFLINE, threads: 1, read: ROOFLINE.read.slice(0, 1), arithmetic: ROOFLINE.arithmetic.slice(0, 1) };
  expect(formatRoofline(one)).not.toContain('all threads │');
});

test('flags are handed on and what is printed is parsed', async () => {
  writeFileSync(join(dir, 'answer.json'), JSON.stringify(ROOFLINE));
  const path = executable(`[ "$*" = "--threads 2 --seconds 1" ] && cat '${join(dir, 'answer.json')}'`);
  expect(await measureRoofline({ executable: path, threads: 2, seconds: 1 })).toEqual(ROOFLINE);
});

test('an error of the executable keeps its code, another output and a missing file are named', async () => {
  const fails = executable("echo 'ISA_UNAVAILABLE: neither AVX2 nor AVX-512' >&2; exit 6");
  await expect(measureRoofline({ executable: fails })).rejects.toMatchObject({ code: 'ISA_UNAVAILABLE', message: 'neither AVX2 nor AVX-512' });
  const babbles = executable('echo hello');
  await expect(measureRoofline({ executable: babbles })).rejects.toMatchObject({ code: 'INTERNAL_ERROR' });
  await expect(measureRoofline({ executable: join(dir, 'none') })).rejects.toMatchObject({ code: 'IO_ERROR', message: expect.stringContaining('not found') });
});
