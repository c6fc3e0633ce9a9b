// The bundled trained model: the reference's greedy ids in float32, and in bf16 the same ids alone, in a batch, chunked and after a pause.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateIds, REPOSITORY, trtllm } from './command.js';
import { TESTED_ISAS } from './isas.js';

const MODEL = join(REPOSITORY, 'models/stories260K');
const reference = JSON.parse(readFileSync(join(MODEL, 'reference.json'), 'utf8')) as { prompt_token_ids: number[]; greedy_token_ids: number[] };
const PROMPT = reference.prompt_token_ids;
const NUM_TOKENS = 64;

const folder = mkdtempSync(join(tmpdir(), 'trtllm-stories-'));
const float32 = join(folder, 'float32');
const bfloat16 = join(folder, 'bfloat16');
beforeAll(async () => {
  await trtllm('build', '--model', MODEL, '--output_dir', float32, '--dtype', 'float32');
  await trtllm('build', '--model', MODEL, '--output_dir', bfloat16);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Prompts of other lengths around ours: the batch's shape must not show. */
function batchOf16(): number[][] {
  const others = Array.from({ length: 15 }, (_, i) => [1, ...Array.from({ length: 1 + 7 * i }, (_, j) => 3 + ((17 * i + 31 * j) % 500))]);
  return [...others.slice(0, 9), PROMPT, ...others.slice(9)];
}

async function idsOf(engine: string, prompts: number[][], ...flags: string[]): Promise<number[][]> {
  return (await generateIds(engine, prompts, NUM_TOKENS, '--ignore-eos', ...flags)).map(({ token_ids }) => token_ids);
}

function optionsFile(name: string, yaml: string): string {
  const path = join(folder, name);
  writeFileSync(path, yaml);
  return path;
}

describe.each(TESTED_ISAS)('%s', (isa) => {
  it('float32 gives the ids of reference.json', async () => {
    expect(await idsOf(float32, [PROMPT], '--isa', isa)).toEqual([reference.greedy_token_ids]);
  });

  it('bf16 gives the same ids alone, inside a batch of 16, chunked, and after preemption', async () => {
    const alone = (await idsOf(bfloat16, [PROMPT], '--isa', isa))[0];
    const batch = batchOf16();
    const own = batch.indexOf(PROMPT);
    const together = await idsOf(bfloat16, batch, '--isa', isa);
    expect(together[own]).toEqual(alone);
    // Steps of 8 tokens: prompts of up to 100 tokens are cut into a dozen chunks.
    expect(await idsOf(bfloat16, batch, '--isa', isa, '--max-num-tokens', '8')).toEqual(together);
    // Twelve blocks for what needs some forty: sequences are paused and resumed all the time.
    const scarce = optionsFile(`scarce-${isa}.yaml`, 'kv_cache_config: {max_tokens: 384}\nscheduler_config: {capacity_scheduler_policy: MAX_UTILIZATION}\n');
    expect(await idsOf(bfloat16, batch, '--isa', isa, '--config', scarce)).toEqual(together);
    expect(await idsOf(bfloat16, batch, '--isa', isa, '--threads', '1')).toEqual(together);
  });
});
