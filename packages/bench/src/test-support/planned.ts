// Plans of data sets for tests, over the bundled model's tokenizer, and files that end with the test.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { DATASET_DEFAULTS, type DatasetOptions } from '../plan/dataset-options.js';
import { DATASETS } from '../plan/datasets/index.js';
import { drawPlan } from '../plan/draw-plan.js';
import { PromptWords } from '../plan/prompt-words.js';
import { idWriter, textWriter, type PromptWriter } from '../plan/prompt-writer.js';
import type { Plan } from '../plan/workload.js';
import { storiesTokenizer } from './tokenizer.js';

const tokenizer = await storiesTokenizer();

export const asText: PromptWriter = textWriter(new PromptWords(tokenizer, true), 0);
export const asIds: PromptWriter = idWriter(tokenizer, tokenizer.vocabSize);
/** As a chat server whose template adds nine tokens. */
export const asChat: PromptWriter = textWriter(new PromptWords(tokenizer, false), 9);

export interface PlanSettings extends Partial<DatasetOptions> {
  writer?: PromptWriter;
  backend?: 'openai' | 'openai-chat';
  traceSpeedup?: number;
}

export async function planned({ writer = asText, backend = 'openai', ...settings }: PlanSettings): Promise<Plan> {
  const options = { ...DATASET_DEFAULTS, numPrompts: 40, ...settings };
  const { seed, salt, numPrompts } = options;
  const sample = await DATASETS[options.datasetName](options);
  return drawPlan(sample, { seed, salt, numPrompts, writer }, { backend, onRequest: () => {}, signal: new AbortController().signal });
}

/** Ids as the server sees a text prompt. */
export function serverIds(prompt: unknown): number[] {
  return tokenizer.encode(prompt as string, { addSpecialTokens: true });
}

export function plainCount(text: string): number {
  return tokenizer.encode(text, { addSpecialTokens: false }).length;
}

export function temporaryFile(name: string, content: string | Buffer): string {
  const dir = mkdtempSync(join(tmpdir(), 'bench-plan-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

export function jsonLines(...lines: unknown[]): string {
  return temporaryFile('data.jsonl', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}
