// Mooncake traces: JSONL of { timestamp (ms), input_length, output_length, hash_ids }. A hash id stands for a block of prompt tokens and
// all before it: equal ids get equal text. Source of the format: github.com/kvcache-ai/Mooncake, FAST25-release.
import { TrtllmError } from '@trtllm/protocol';
import { z } from 'zod';
import { readObjects, type DataRecord } from '../data-file.js';
import { checkShape } from '../check-shape.js';
import type { Piece } from '../prompt-writer.js';
import { textRandom, type Dataset, type SampleContext } from './sampler.js';
import { inTime, replay, usable, withNotes, type TraceRow, type WriteRow } from './trace.js';

interface MooncakeRow extends TraceRow {
  hashIds: number[];
}

// Mooncake's own, and Alibaba's traces in the same form.
const BLOCK_TOKENS = [512, 16];

const LINE = z.object({
  timestamp: z.number().min(0),
  input_length: z.int().min(1),
  output_length: z.int().min(0),
  hash_ids: z.array(z.int().min(0)).min(1),
});

export const mooncake: Dataset = async (options) => {
  const all = await readObjects(options.datasetPath!, toRow);
  const blockTokens = BLOCK_TOKENS.find((size) => all.every((row) => row.hashIds.length === Math.ceil(row.inputTokens / size)));
  if (blockTokens === undefined) throw new TrtllmError('BAD_FLAG', `--dataset-path ${options.datasetPath}: expected a hash id for every 512, or for every 16, tokens of input_length`);
  const { rows, notes } = usable(inTime(all), options.maxInputLen);
  return (context) => withNotes(notes, replay(context, rows, blockWriter(blockTokens)));
};

function toRow(record: DataRecord<Record<string, unknown>>): MooncakeRow {
  const line = checkShape(record, LINE);
  return { atMs: line.timestamp, inputTokens: line.input_length, outputTokens: line.output_length, hashIds: line.hash_ids };
}

/** What the endpoint adds is part of the first block, so that blocks stay where the server has its own. The last block is partial. */
function blockWriter(blockTokens: number): WriteRow<MooncakeRow> {
  return (context, { hashIds }, index, inputTokens) => {
    const { writer } = context;
    const blocks = hashIds.map((hashId, position) => blockPieces(context, hashId, position, blockTokens));
    const last = blocks.pop();
    return writer.promptOf(writer.exactPieces(textRandom(context, 'prompt', index), blocks.flat(), inputTokens, last));
  };
}

function blockPieces(context: SampleContext, hashId: number, position: number, blockTokens: number): Piece[] {
  const { writer } = context;
  const isFirst = position === 0;
  return writer.draw(textRandom(context, 'block', hashId), Math.max(0, blockTokens - (isFirst ? writer.overhead : 0)), isFirst);
}
