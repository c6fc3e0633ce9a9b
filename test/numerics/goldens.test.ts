// Ten tiny checkpoints against transformers' float32 logits (test/goldens, made by tools/make_goldens.py): both arithmetics, every ISA
// class; and both config spellings, which give the same engine. VERBOSE_GOLDENS=1 prints the figures; TRTLLM_GOLDENS=DIR takes others.
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateIds, REPOSITORY, trtllm } from './command.js';
import { TESTED_ISAS } from './isas.js';
import { maxRelativeError, meanKl } from './compare-logits.js';
import { readMatrices, type Matrix } from './safetensors.js';

const NAMES = ['llama', 'llama-long', 'llama3-rope', 'llama-yarn', 'llama-headdim-bias', 'mistral-swa', 'mistral-long', 'qwen2', 'qwen3', 'qwen3-hd128'];
const GOLDENS = process.env['TRTLLM_GOLDENS'] ?? join(REPOSITORY, 'test/goldens');
/** Float32 sums in another order; measured errors are below 2e-6. */
const MAX_FLOAT32_ERROR = 2e-4;
/** Of what transformers itself loses in bf16. */
const MAX_KL_RATIO = 1.5;
const KL_SLACK = 1e-5;

const folder = mkdtempSync(join(tmpdir(), 'trtllm-goldens-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Golden {
  prompts: number[][];
  greedy: number[][];
  kl_bf16: number;
}

function goldenOf(name: string): Golden & { logits: Matrix[] } {
  const golden = JSON.parse(readFileSync(join(GOLDENS, name, 'golden.json'), 'utf8')) as Golden;
  return { ...golden, logits: inOrder(readMatrices(join(GOLDENS, name, 'golden.safetensors')), golden.prompts.length) };
}

function inOrder(matrices: Map<string, Matrix>, count: number): Matrix[] {
  return Array.from({ length: count }, (_, index) => {
    const matrix = matrices.get(`logits_${index}`);
    if (!matrix) throw new Error(`logits_${index} is missing`);
    return matrix;
  });
}

const DTYPES = ['float32', 'bfloat16'] as const;
type Dtype = (typeof DTYPES)[number];

async function build(model: string, engine: string, dtype: Dtype): Promise<string> {
  await trtllm('build', '--model', model, '--output_dir', engine, '--dtype', dtype);
  return engine;
}

/** The checkpoint with config.json as transformers 5 writes it. */
function inV5Spelling(name: string): string {
  const copy = join(folder, `${name}-v5`);
  cpSync(join(GOLDENS, name), copy, { recursive: true });
  cpSync(join(copy, 'config.v5.json'), join(copy, 'config.json'));
  return copy;
}

/** What the engine computes, how it is run, and from which bytes of `model` its weights come; all but the checkpoint's name and hash. */
function madeOf(engine: string, model: string): unknown[] {
  const [graph, plan, manifest] = ['graph.json', 'build-plan.json', 'config.json'].map((file) => readFileSync(join(engine, file), 'utf8'));
  const { trtllm, ...rest } = JSON.parse(manifest!);
  return [graph, plan!.replaceAll(model, 'MODEL'), rest, { ...trtllm, model_name: '', source_sha256: '' }];
}

async function contextLogits(engine: string, prompts: number[][], isa: string): Promise<Matrix[]> {
  const file = `${engine}-${isa}.safetensors`;
  const outputs = await generateIds(engine, prompts, 12, '--ignore-eos', '--isa', isa, '--threads', '1', '--context-logits', file);
  expect(outputs.map(({ token_ids }) => token_ids.length)).toEqual(prompts.map(() => 12));
  return inOrder(readMatrices(file), prompts.length);
}

describe.each(NAMES)('%s', (name) => {
  const golden = goldenOf(name);

  const engines = {} as Record<Dtype, string>;
  beforeAll(async () => {
    for (const dtype of DTYPES) engines[dtype] = await build(join(GOLDENS, name), join(folder, `${name}-${dtype}`), dtype);
  });

  it.each(TESTED_ISAS)('float32 gives the reference logits on %s', { timeout: 120_000 }, async (isa) => {
    const error = maxRelativeError(await contextLogits(engines.float32, golden.prompts, isa), golden.logits);
    report(name, 'float32', isa, `max error ${error.toExponential(1)} of max |logit|`);
    expect(error).toBeLessThanOrEqual(MAX_FLOAT32_ERROR);
  });

  it.each(TESTED_ISAS)('bfloat16 loses no more than transformers does on %s', { timeout: 120_000 }, async (isa) => {
    const kl = meanKl(await contextLogits(engines.bfloat16, golden.prompts, isa), golden.logits);
    report(name, 'bfloat16', isa, `mean KL ${kl.toExponential(2)} = ${(kl / golden.kl_bf16).toFixed(2)} x kl_bf16`);
    expect(kl).toBeLessThanOrEqual(MAX_KL_RATIO * golden.kl_bf16 + KL_SLACK);
  });

  it('the spelling of transformers 5 gives the same engine', { timeout: 120_000 }, async () => {
    const model = inV5Spelling(name);
    for (const dtype of DTYPES) {
      const engine = await build(model, `${model}-${dtype}`, dtype);
      expect(madeOf(engine, model)).toEqual(madeOf(engines[dtype], join(GOLDENS, name)));
    }
  });
});

function report(...fields: string[]): void {
  if (process.env['VERBOSE_GOLDENS']) console.log(fields.join('  '));
}
