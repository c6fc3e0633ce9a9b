// The tokenizer files of a checkpoint or engine directory, read and put into one shape.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TrtllmError } from '@trtllm/protocol';
import { byteLevelBpe } from './byte-level-bpe.js';
import { readJson, type TokenizerJson } from './tokenizer-json.js';

/** The library takes a type that it does not know for one that it knows. Files of early BPE tokenizers name none. */
const MODEL_TYPES = ['BPE', 'Unigram', 'WordPiece', 'WordLevel', undefined];

export interface TokenizerFiles {
  /** For messages. */
  path: string;
  tokenizer: TokenizerJson;
  /** tokenizer_config.json; empty where there is none. */
  config: Record<string, unknown>;
  chatTemplate: string | undefined;
  bosToken: string | undefined;
  eosToken: string | undefined;
  maxId: number;
}

export async function readTokenizerFiles(directory: string): Promise<TokenizerFiles> {
  const config = (await readJson(join(directory, 'tokenizer_config.json'))) ?? {};
  const path = join(directory, 'tokenizer.json');
  const tokenizer = ((await readJson(path)) as TokenizerJson | undefined) ?? (await byteLevelBpe(directory, config));
  checkShape(tokenizer, path);
  const bosToken = tokenText(config['bos_token']);
  const eosToken = tokenText(config['eos_token']);
  return {
    path,
    tokenizer: withBeginAndEnd(tokenizer, config, bosToken, eosToken),
    config,
    chatTemplate: await chatTemplate(directory, config),
    bosToken,
    eosToken,
    maxId: maxId(tokenizer),
  };
}

function checkShape(tokenizer: TokenizerJson, path: string): void {
  const vocab = tokenizer.model?.vocab;
  if (typeof vocab !== 'object' || vocab === null) throw new TrtllmError('CHECKPOINT_INVALID', `${path}: model.vocab is missing`);
  if (!MODEL_TYPES.includes(tokenizer.model.type))
    throw new TrtllmError('CHECKPOINT_INVALID', `${path}: model.type: expected BPE, Unigram, WordPiece or WordLevel, found ${JSON.stringify(tokenizer.model.type)}`);
  if (!Array.isArray(vocab) && !Object.values(vocab).every((id) => Number.isSafeInteger(id) && id >= 0))
    throw new TrtllmError('CHECKPOINT_INVALID', `${path}: model.vocab: expected whole numbers of 0 and more`);
  for (const token of tokenizer.added_tokens ?? []) {
    if (!Number.isSafeInteger(token.id) || token.id < 0 || typeof token.content !== 'string')
      throw new TrtllmError('CHECKPOINT_INVALID', `${path}: added_tokens: expected entries with id and content`);
  }
}

function maxId({ model, added_tokens: added = [] }: TokenizerJson): number {
  let max = -1;
  // A unigram vocabulary is a list; its index is the id.
  if (Array.isArray(model.vocab)) max = model.vocab.length - 1;
  else for (const id of Object.values(model.vocab)) max = Math.max(max, id);
  for (const { id } of added) max = Math.max(max, id);
  return max;
}

/** A special token is written as its text, or as an object with `content`. */
function tokenText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const content = (value as { content?: unknown } | null | undefined)?.content;
  return typeof content === 'string' ? content : undefined;
}

/** LlamaTokenizerFast makes its post-processor from add_bos_token and add_eos_token, whatever tokenizer.json says. */
function withBeginAndEnd(tokenizer: TokenizerJson, config: Record<string, unknown>, bos: string | undefined, eos: string | undefined): TokenizerJson {
  const isLlama = /^(Llama|CodeLlama)Tokenizer(Fast)?$/.test(String(config['tokenizer_class'] ?? ''));
  if (!isLlama || typeof config['add_bos_token'] !== 'boolean') return tokenizer;
  const idOf = (content: string): number | undefined => tokenizer.added_tokens?.find((token) => token.content === content)?.id;
  const begin = config['add_bos_token'] && bos !== undefined && idOf(bos) !== undefined ? [bos] : [];
  const end = config['add_eos_token'] === true && eos !== undefined && idOf(eos) !== undefined ? [eos] : [];
  const special = (content: string) => ({ SpecialToken: { id: content, type_id: 0 } });
  const single = [...begin.map(special), { Sequence: { id: 'A', type_id: 0 } }, ...end.map(special)];
  const tokens = Object.fromEntries([...begin, ...end].map((content) => [content, { id: content, ids: [idOf(content)], tokens: [content] }]));
  return { ...tokenizer, post_processor: { type: 'TemplateProcessing', single, pair: single, special_tokens: tokens } };
}

async function chatTemplate(directory: string, config: Record<string, unknown>): Promise<string | undefined> {
  const file = join(directory, 'chat_template.jinja');
  if (existsSync(file)) return readFile(file, 'utf8');
  const value = config['chat_template'];
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const named = value as { name?: unknown; template?: unknown }[];
  const chosen = named.find(({ name }) => name === 'default') ?? named[0];
  return typeof chosen?.template === 'string' ? chosen.template : undefined;
}
