// Quantized engines and KV caches against a float32 engine of the weights that their codes stand for (dequantize.ts, an independent quantizer), on
// every ISA class; and the same ids alone and in a batch. The float32 engine runs on the machine's fastest class: goldens.test.ts has compared
// it with the others.
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateIds, REPOSITORY, trtllm } from './command.js';
import { TESTED_ISAS } from './isas.js';
import { meanKl } from './compare-logits.js';
import { dequantizeCheckpoint, type QFormat } from './dequantize.js';
import { readMatrices, type Matrix } from './safetensors.js';

/** Tied and untied, with biases and with norms of the heads; the formats know no more of a family. */
const NAMES = ['qwen2', 'qwen3-hd128'];
/** Tokens; the scalar class takes seconds for the longer prompts, whose attention knows nothing of formats of weights. */
const MAX_SCALAR_PROMPT = 100;
const GOLDENS = join(REPOSITORY, 'test/goldens');
/**
 * KL grows with the square of the error. bf16 inputs: as the bf16 goldens. int8 inputs: a code is off by max/127/sqrt(12) on
 * average, for a Gaussian row (max about 3 deviations) six times what bf16 rounding is off by; squared, and of the third of
 * kl_bf16 that our bf16 loses (goldens.test.ts): 12.
 */
const MAX_KL_RATIO: Record<QFormat, number> = { int8_wo: 1.5, int4_wo: 1.5, int8_dyn: 12, w4a8: 12 };
/** Beside everything else in bf16, of whose bound this is no more. */
const MAX_CACHE_KL_RATIO = 1.5;
const FORMATS: { format: QFormat; group: number }[] = [
  { format: 'int8_wo', group: 128 },
  { format: 'int8_dyn', group: 128 },
  { format: 'int4_wo', group: 32 },
  { format: 'w4a8', group: 32 },
];

const folder = mkdtempSync(join(tmpdir(), 'trtllm-quantized-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function contextLogits(engine: string, prompts: number[][], isa?: string, ...flags: string[]): Promise<Matrix[]> {
  const file = `${engine}-${isa ?? 'fastest'}.safetensors`;
  await generateIds(engine, prompts, 1, '--ignore-eos', ...(isa ? ['--isa', isa] : []), '--threads', '1', '--context-logits', file, ...flags);
  const matrices = readMatrices(file);
  return prompts.map((_, index) => matrices.get(`logits_${index}`)!);
}

describe.each(NAMES)('%s', (name) => {
  const source = join(GOLDENS, name);
  const golden = JSON.parse(readFileSync(join(source, 'golden.json'), 'utf8')) as { prompts: number[][]; kl_bf16: number };
  const isTied = (JSON.parse(readFileSync(join(source, 'config.json'), 'utf8')) as { tie_word_embeddings?: boolean }).tie_word_embeddings ?? false;

  /** Mean KL of the engine on a class to the reference, whose prompts are in ascending order of length. */
  async function klOn(isa: string, engine: string, reference: Matrix[], maxPrompt = Infinity): Promise<number> {
    const prompts = golden.prompts.filter(({ length }) => length <= maxPrompt);
    return meanKl(await contextLogits(engine, prompts, isa), reference.slice(0, prompts.length));
  }

  describe.each(FORMATS)('$format, group $group', ({ format, group }) => {
    const engine = join(folder, `${name}-${format}-${group}`);
    let reference: Matrix[];
    beforeAll(async () => {
      const dequantized = `${engine}-checkpoint`;
      cpSync(source, dequantized, { recursive: true });
      dequantizeCheckpoint(join(dequantized, 'model.safetensors'), format, group, isTied);
      await trtllm('build', '--model', dequantized, '--output_dir', `${engine}-reference`, '--dtype', 'float32');
      await trtllm('build', '--model', source, '--output_dir', engine, '--qformat', format, '--group_size', String(group));
      reference = await contextLogits(`${engine}-reference`, golden.prompts);
    }, 120_000);

    it.each(TESTED_ISAS)('computes the weights that its codes stand for on %s', { timeout: 120_000 }, async (isa) => {
      const kl = await klOn(isa, engine, reference, isa === 'scalar' ? MAX_SCALAR_PROMPT : Infinity);
      if (process.env['VERBOSE_GOLDENS']) console.log(name, format, group, isa, `mean KL ${kl.toExponential(2)} = ${(kl / golden.kl_bf16).toFixed(2)} x kl_bf16`);
      expect(kl).toBeLessThanOrEqual(MAX_KL_RATIO[format] * golden.kl_bf16 + 1e-5);
    });

    it('gives the same ids alone and in a batch', { timeout: 120_000 }, async () => {
      const together = await generateIds(engine, golden.prompts, 12, '--ignore-eos', '--threads', '2');
      const alone = await generateIds(engine, golden.prompts, 12, '--ignore-eos', '--threads', '1', '--max-batch-size', '1');
      expect(alone.map(({ token_ids }) => token_ids)).toEqual(together.map(({ token_ids }) => token_ids));
    });
  });

  describe('int8 KV cache', () => {
    const engine = join(folder, `${name}-int8-cache`);
    let reference: Matrix[];
    beforeAll(async () => {
      await trtllm('build', '--model', source, '--output_dir', `${engine}-reference`, '--dtype', 'float32');
      await trtllm('build', '--model', source, '--output_dir', engine, '--kv_cache_dtype', 'int8');
      reference = await contextLogits(`${engine}-reference`, golden.prompts);
    }, 120_000);

    it.each(TESTED_ISAS)('loses little on %s', { timeout: 120_000 }, async (isa) => {
      const kl = await klOn(isa, engine, reference);
      if (process.env['VERBOSE_GOLDENS']) console.log(name, 'int8 KV cache', isa, `mean KL ${kl.toExponential(2)} = ${(kl / golden.kl_bf16).toFixed(2)} x kl_bf16`);
      expect(kl).toBeLessThanOrEqual(MAX_CACHE_KL_RATIO * golden.kl_bf16 + 1e-5);
    });

    it('can be asked for and refused when the engine starts', { timeout: 120_000 }, async () => {
      const asked = await contextLogits(`${engine}-reference`, golden.prompts, undefined, '--kv_cache_dtype', 'int8');
      expect(meanKl(asked, reference)).toBeGreaterThan(0);
      const refused = await contextLogits(engine, golden.prompts, undefined, '--kv_cache_dtype', 'bfloat16');
      expect(meanKl(refused, reference)).toBeLessThan(meanKl(await contextLogits(engine, golden.prompts), reference));
    });
  });
});
