// sonnet: verses; every prompt begins with the same lines, the rest are drawn, the last one cut and filled up to the exact length.
import type { Note } from '../../report/bench-report.js';
import type { DatasetOptions } from '../dataset-options.js';
import type { PlannedRequest } from '../workload.js';
import { readProse, SONNETS_PATH } from '../prose.js';
import { pick } from '../seeded-random.js';
import { saltPieces, textRandom, type Dataset, type SampleContext } from './sampler.js';

export const sonnet: Dataset = async (options) => {
  const text = await readProse(options.datasetPath ?? SONNETS_PATH);
  return (context) => sampleVerses(context, text.split('\n'), options);
};

function* sampleVerses(context: SampleContext, lines: readonly string[], options: DatasetOptions): Generator<PlannedRequest, Note[]> {
  const { writer } = context;
  const { sonnetInputLen: inputTokens, sonnetOutputLen: outputTokens } = options;
  const verses = lines.filter((line) => line.trim() !== '').map((line) => writer.piecesOf(line));
  const prefixLen = options.sonnetPrefixLen + writer.overhead;
  const prefix = writer.exactPieces(textRandom(context, 'prefix', 0), [], Math.min(prefixLen, inputTokens), verses.slice(0, prefixLen).flat());
  for (let index = 0; index < context.numPrompts; index++) {
    const random = textRandom(context, 'prompt', index);
    const room = inputTokens - prefixLen;
    const drawn = Array.from({ length: Math.max(0, room) }, () => pick(random, verses)).flat();
    const fixed = [...prefix, ...saltPieces(context, index, prefix, Math.max(0, room))];
    yield { index, prompt: writer.promptOf(writer.exactPieces(random, fixed, inputTokens, drawn)), inputTokens, outputTokens, prefix: 0 };
  }
  return [];
}
