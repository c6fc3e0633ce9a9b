// The ISA classes of this machine, found once for each file of tests.
import { execFileSync } from 'node:child_process';
import { REPOSITORY } from './command.js';

/** Classes to test: those of this machine, and the AMX kernels over the software tile unit, which every x86 with AVX-512 can run. */
export const TESTED_ISAS: readonly string[] = testedIsas();

function testedIsas(): string[] {
  const directory = process.env['TRTLLM_NATIVE_DIR'] ?? `${REPOSITORY}/native/build/release`;
  const { isas } = JSON.parse(execFileSync(`${directory}/trtllm-roofline`, ['--seconds', '0.1'], { encoding: 'utf8' })) as { isas: string[] };
  return isas.includes('avx512') ? [...isas, 'amx_emulated'] : isas;
}
