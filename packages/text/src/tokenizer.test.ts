import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteLevelFiles, byteLevelTokenizer, loadFiles, stories, STORIES_DIRECTORY } from './testing/tokenizers.js';

const tokenizer = await stories();
const byteLevel = await byteLevelTokenizer();
const plain = { addSpecialTokens: false };
const shown = { skipSpecialTokens: true };
const storiesJson = (name: string) => JSON.parse(readFileSync(join(STORIES_DIRECTORY, name), 'utf8')) as Record<string, unknown>;

describe('the tokenizer of the bundled model', () => {
  it('gives the ids and the text of the reference', () => {
    const reference = storiesJson('reference.json') as { prompt: string; prompt_token_ids: number[]; greedy_token_ids: number[]; text: string };
    expect(tokenizer.encode(reference.prompt, { addSpecialTokens: true })).toEqual(reference.prompt_token_ids);
    expect(tokenizer.decode([...reference.prompt_token_ids, ...reference.greedy_token_ids], shown)).toBe(reference.text);
  });

  it('knows its vocabulary and its special tokens', () => {
    expect([tokenizer.vocabSize, tokenizer.bosToken, tokenizer.bosTokenId, tokenizer.eosToken, tokenizer.eosTokenId]).toEqual([512, '<s>', 1, '</s>', 2]);
    expect([0, 1, 2, 3].map((id) => tokenizer.isSpecial(id))).toEqual([true, true, true, false]);
    expect(tokenizer.idToToken(512)).toBeUndefined();
    expect(tokenizer.decode([1, 403, 512, 2], shown)).toBe('Once');
    expect(tokenizer.decode([1, 403, 2], { skipSpecialTokens: false })).toBe('<s> Once</s>');
  });
});

describe.each([
  ['SentencePiece with byte fallback', tokenizer],
  ['byte-level BPE of vocab.json and merges.txt', byteLevel],
])('%s', (_, each) => {
  it('has for any text token bytes that join to its UTF-8, and decodes to it again', () => {
    fc.assert(
      // A normalizer turns U+2581, SentencePiece's blank, into a blank.
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes('\u2581')), (text) => {
        const ids = each.encode(text, plain);
        const bytes = Buffer.concat(ids.map((id) => each.tokenBytes(id))).toString('utf8');
        expect(bytes.replace(/^ /, '')).toBe(text.replace(/^ /, ''));
        expect(each.decode(ids, shown)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it('takes lone surrogates as U+FFFD', () => {
    expect(each.decode(each.encode('a\ud800b', plain), shown)).toBe('a\ufffdb');
  });
});

describe('tokenizer files', () => {
  it('are optional: a folder without any is an ids-only model', async () => {
    expect(await loadFiles({ 'config.json': {} })).toBeUndefined();
  });

  it('may be vocab.json and merges.txt, merged in order', () => {
    expect(byteLevel.encode(' the é', plain).map((id) => byteLevel.idToToken(id))).toEqual(['Ġthe', 'Ġ', 'Ã©']);
    expect([byteLevel.eosToken, byteLevel.isSpecial(byteLevel.eosTokenId!)]).toEqual(['<|end|>', true]);
  });

  it.each([
    ['tokenizer.json that is not JSON', { 'tokenizer.json': '{' }, 'tokenizer.json'],
    ['a tokenizer.json without a vocabulary', { 'tokenizer.json': {} }, 'tokenizer.json'],
    ['a model type that nobody knows', { 'tokenizer.json': { ...storiesJson('tokenizer.json'), model: { type: 'Magic', vocab: {} } } }, 'tokenizer.json'],
    ['an id that is no number', { 'tokenizer.json': { model: { vocab: { a: 'b' } } } }, 'model.vocab'],
    ['a tokenizer_config.json that is a list', { ...byteLevelFiles(), 'tokenizer_config.json': [] }, 'tokenizer_config.json'],
    ['vocab.json without merges.txt', { 'vocab.json': {} }, 'merges.txt'],
  ])('are refused by name: %s', async (_, files, named) => {
    await expect(loadFiles(files)).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID', message: expect.stringContaining(named) as string });
  });

  it.each([
    [true, true, [1, 403, 2]],
    [true, false, [1, 403]],
    [false, false, [403]],
  ])('of a Llama class: add_bos_token %s and add_eos_token %s decide', async (add_bos_token, add_eos_token, ids) => {
    const config = { tokenizer_class: 'LlamaTokenizerFast', bos_token: '<s>', eos_token: { content: '</s>' }, add_bos_token, add_eos_token };
    const llama = await loadFiles({ 'tokenizer.json': storiesJson('tokenizer.json'), 'tokenizer_config.json': config });
    expect(llama!.encode('Once', { addSpecialTokens: true })).toEqual(ids);
  });

  it('hold the chat template as a text, as a named list, or in chat_template.jinja, which wins', async () => {
    const template = async (chat_template: unknown, more: Record<string, string> = {}) =>
      (await loadFiles({ ...byteLevelFiles(), 'tokenizer_config.json': { chat_template }, ...more }))!.chatTemplate;
    expect(await template('one')).toBe('one');
    expect(await template([{ name: 'tool_use', template: 'two' }, { name: 'default', template: 'three' }])).toBe('three');
    expect(await template('one', { 'chat_template.jinja': 'four' })).toBe('four');
    expect(await template(undefined)).toBeUndefined();
  });
});
