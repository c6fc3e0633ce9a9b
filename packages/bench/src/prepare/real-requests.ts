// A recorded data set -> requests of token ids, by the rules of trtllm-bench's prepare-dataset real-dataset.
import { TrtllmError } from '@trtllm/protocol';
import { seededRandom } from '../plan/seeded-random.js';
import { drawLength, type Lengths, type StaticRequest } from '../static/static-request.js';
import { readRecords, type FieldRecord } from './read-records.js';
import { splitFiles, type SetName } from './split-files.js';

export interface RealDataset extends SetName {
  inputKey?: string | undefined;
  /** Before each input: a text, or a field's. */
  prompt?: string | undefined;
  promptKey?: string | undefined;
  /** Outputs are as long as its text. */
  outputKey?: string | undefined;
  /** In place of `outputKey`. */
  outputLengths?: Lengths | undefined;
  /** Longer prompts are left out. */
  maxInputLen?: number | undefined;
  /** At most. */
  numRequests?: number | undefined;
  seed: number;
}

export interface RealRequests {
  requests: StaticRequest[];
  /** Left out by `maxInputLen`. */
  tooLong: number;
}

const MEDIA = ['image', 'image_1', 'video'];

/** @param encode a text -> ids, special tokens included */
export async function realRequests(set: RealDataset, encode: (text: string) => number[]): Promise<RealRequests> {
  checkKeys(set);
  const requests: StaticRequest[] = [];
  let tooLong = 0;
  for await (const record of recordsOf(set)) {
    if (requests.length === set.numRequests) break;
    refuseMedia(record);
    const ids = encode([set.prompt ?? textAt(record, set.promptKey), textAt(record, set.inputKey)].filter((text) => text !== undefined).join(' '));
    if (ids.length > (set.maxInputLen ?? Infinity)) tooLong++;
    else if (ids.length > 0) requests.push({ id: requests.length, input_ids: ids, output_tokens: outputLength(set, record, requests.length, encode) });
  }
  if (requests.length === 0) throw new TrtllmError('BAD_FLAG', `--dataset-name ${set.name}: no request came of it (${tooLong} are longer than --max-input-len)`);
  return { requests, tooLong };
}

async function* recordsOf(set: RealDataset): AsyncGenerator<FieldRecord> {
  const fields = [set.inputKey, set.promptKey, set.outputKey].filter((key) => key !== undefined);
  for (const path of splitFiles(set)) yield* readRecords(path, fields);
}

function checkKeys({ inputKey, prompt, promptKey, outputKey, outputLengths }: RealDataset): void {
  if (prompt !== undefined && promptKey !== undefined) throw new TrtllmError('BAD_FLAG', '--dataset-prompt and --dataset-prompt-key: give one of them');
  if (inputKey === undefined && promptKey === undefined) throw new TrtllmError('BAD_FLAG', '--dataset-input-key or --dataset-prompt-key: needed, the field that holds the text');
  if (outputKey === undefined && outputLengths === undefined) throw new TrtllmError('BAD_FLAG', 'how long are outputs? give --dataset-output-key KEY (as long as its text) or --output-len-dist MEAN,STDEV');
}

function refuseMedia(record: FieldRecord): void {
  const media = MEDIA.find((name) => name in record.value);
  if (media !== undefined) throw record.error('a record of text alone: images and videos are not supported yet', `a field "${media}"`);
}

function textAt(record: FieldRecord, key: string | undefined): string | undefined {
  if (key === undefined) return undefined;
  if (!(key in record.value)) throw record.error(`a field "${key}"`, Object.keys(record.value).join(', '));
  const value = record.value[key];
  if (typeof value !== 'string') throw record.error(`${key}: a text`, typeof value === 'bigint' ? String(value) : value);
  return value;
}

function outputLength({ outputLengths, outputKey, seed }: RealDataset, record: FieldRecord, index: number, encode: (text: string) => number[]): number {
  if (outputLengths !== undefined) return drawLength(outputLengths, seededRandom(seed, 'output-length', index));
  return Math.max(1, encode(textAt(record, outputKey)!).length);
}
