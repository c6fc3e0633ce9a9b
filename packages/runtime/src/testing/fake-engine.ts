// An engine directory and a native directory whose worker is fake-worker.mjs.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ready } from '@trtllm/protocol';

export interface FakeBehaviour {
  /** Time a token takes. */
  step_ms?: number;
  load_ms?: number;
  drain_ms?: number;
  /** Dies before the token of this index. */
  exit_after?: number;
  /** Every request ends so. */
  error?: { code: string; message: string };
  /** Says so in place of `ready`. */
  failed?: { code: string; message: string };
  protocol_version?: number;
  ready?: Partial<Ready>;
}

export interface FakeEngine {
  engineDirectory: string;
  nativeDirectory: string;
  /** Takes effect at the worker's next start. */
  behave(behaviour: FakeBehaviour): void;
  remove(): void;
}

const MODEL = fileURLToPath(new URL('../../../../models/stories260K/', import.meta.url));
const WORKER = fileURLToPath(new URL('./fake-worker.mjs', import.meta.url));

export function makeFakeEngine(behaviour: FakeBehaviour = {}, { hasTokenizer = true } = {}): FakeEngine {
  const root = mkdtempSync(join(tmpdir(), 'trtllm-fake-'));
  const engineDirectory = join(root, 'engine');
  mkdirSync(engineDirectory);
  symlinkSync(WORKER, join(root, 'trtllm-worker'));
  const manifest = {
    trtllm: { format_version: 1, model_name: 'parrot', eos_token_ids: [2], bos_token_id: 1, has_tokenizer: hasTokenizer },
  };
  writeFileSync(join(engineDirectory, 'config.json'), JSON.stringify(manifest));
  if (hasTokenizer)
    for (const file of readdirSync(MODEL).filter((name) => name.startsWith('tokenizer'))) copyFileSync(join(MODEL, file), join(engineDirectory, file));
  const behave = (next: FakeBehaviour) => writeFileSync(join(engineDirectory, 'fake.json'), JSON.stringify(next));
  behave(behaviour);
  return { engineDirectory, nativeDirectory: root, behave, remove: () => rmSync(root, { recursive: true, force: true }) };
}
