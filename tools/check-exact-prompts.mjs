// node tools/check-exact-prompts.mjs DIR [NUM_PROMPTS]: how many random prompts of the benchmark have exactly the wanted number of
// tokens, for every tokenizer.json(.gz) below DIR. Exits with 1 unless all have.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DATASETS } from '../packages/bench/dist/plan/datasets/index.js';
import { DATASET_DEFAULTS } from '../packages/bench/dist/plan/dataset-options.js';
import { PromptWords } from '../packages/bench/dist/plan/prompt-words.js';
import { textWriter } from '../packages/bench/dist/plan/prompt-writer.js';
import { loadTokenizer } from '../packages/text/dist/index.js';

// From 16 to 496 tokens, a shared prefix on every second set of prompts.
const OPTIONS = { ...DATASET_DEFAULTS, inputLen: 256, rangeRatio: 0.9375 };
const [root, count = '10000'] = process.argv.slice(2);
const numPrompts = Number(count);
const scratch = mkdtempSync(join(tmpdir(), 'tokenizers-'));
let isAllExact = true;
try {
  for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    if (/(^|\/)tokenizer\.json(\.gz)?$/.test(path)) isAllExact = (await check(dirname(join(root, path)))) && isAllExact;
  }
} finally {
  rmSync(scratch, { recursive: true });
}
process.exitCode = isAllExact ? 0 : 1;

async function check(directory) {
  const start = performance.now();
  const tokenizer = await loadTokenizer(unpacked(directory));
  for (const addSpecialTokens of [true, false]) {
    let words;
    try {
      words = new PromptWords(tokenizer, addSpecialTokens);
    } catch (error) {
      console.log(`${basename(directory)}: ${error.message}`);
      return false;
    }
    const exact = await countExact(tokenizer, words, addSpecialTokens);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const kind = `${addSpecialTokens ? 'with' : 'without'} special tokens (${words.overhead})`;
    console.log(`${basename(directory).padEnd(16)} ${kind.padEnd(28)} ${exact} of ${numPrompts} exact, ${((100 * exact) / numPrompts).toFixed(2)} %, ${seconds} s`);
    if (exact !== numPrompts) return false;
  }
  return true;
}

async function countExact(tokenizer, words, addSpecialTokens) {
  const sample = await DATASETS.random({ ...OPTIONS, prefixLen: addSpecialTokens ? 0 : 32 });
  let exact = 0;
  for (const { prompt, inputTokens } of sample({ seed: 0, salt: '', numPrompts, writer: textWriter(words, 0) })) {
    if (tokenizer.encode(prompt, { addSpecialTokens }).length === inputTokens) exact++;
  }
  return exact;
}

/** The tokenizer's files, unpacked where they are packed. */
function unpacked(directory) {
  if (existsSync(join(directory, 'tokenizer.json'))) return directory;
  const copy = join(scratch, basename(directory));
  mkdirSync(copy, { recursive: true });
  for (const name of readdirSync(directory)) {
    if (name.endsWith('.gz')) writeFileSync(join(copy, name.slice(0, -3)), gunzipSync(readFileSync(join(directory, name))));
    else copyFileSync(join(directory, name), join(copy, name));
  }
  return copy;
}
