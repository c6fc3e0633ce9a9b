// trtllm generate: one-shot generation, for people (text streams to the terminal) and for checks (ids in, ids and logits out).
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.js';
import { ENGINE_FLAGS, engineOptions } from '../engine-flags.js';
import type { GeneratePrompt, GenerateResult } from '../generate-all.js';
import { badFlag, inRange } from '../numbers.js';
import { stopSignal } from '../stop-signal.js';

export default class Generate extends BaseCommand {
  static override summary = 'Generate once, without a server';
  static override examples = [
    '<%= config.bin %> generate ./engine --prompt "Once upon a time"',
    "<%= config.bin %> generate ./engine --input-ids '[[1,2,3]]' --max-tokens 12 --temperature 0 --context-logits logits.safetensors --json",
  ];
  static override args = { model: Args.string({ required: true, description: 'engine or checkpoint directory' }) };
  static override flags = {
    prompt: Flags.string({ multiple: true, multipleNonGreedy: true, description: 'text; may be repeated', exclusive: ['input-ids'] }),
    'input-ids': Flags.string({ description: 'token ids, one list a prompt', helpValue: "'[[1,2,3]]'" }),
    'max-tokens': Flags.integer({ default: 128, min: 0, description: 'tokens to generate at most' }),
    temperature: Flags.string({ default: '0', description: '0 takes the most likely token' }),
    'top-k': Flags.integer({ default: 0, min: 0, description: '0: off' }),
    'top-p': Flags.string({ default: '1' }),
    'min-p': Flags.string({ default: '0' }),
    seed: Flags.integer({ default: 0, min: 0 }),
    stop: Flags.string({ multiple: true, multipleNonGreedy: true, description: 'text that ends the output; may be repeated' }),
    'ignore-eos': Flags.boolean({ description: 'generate max-tokens, whatever comes' }),
    'context-logits': Flags.string({ description: 'write float32 logits_I [tokens, vocab] of every prompt', helpValue: 'FILE.safetensors' }),
    ...ENGINE_FLAGS,
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Generate);
    const prompts = promptsOf(flags.prompt, flags['input-ids']);
    const [{ engineFor }, { generateAll }] = await Promise.all([import('../engine-cache.js'), import('../generate-all.js')]);
    const engine = await engineFor({ model: args.model, announce: (line) => this.note(line) });
    const result = await generateAll(engine, engineOptions(flags), {
      prompts,
      max_tokens: flags['max-tokens'],
      sampling: {
        temperature: inRange(flags.temperature, '--temperature', 0),
        top_k: flags['top-k'],
        top_p: inRange(flags['top-p'], '--top-p', 1e-9, 1),
        min_p: inRange(flags['min-p'], '--min-p', 0, 1),
        seed: BigInt(flags.seed),
      },
      stop: flags.stop ?? [],
      ignore_eos: flags['ignore-eos'],
      context_logits_file: flags['context-logits'],
      signal: stopSignal(),
      // Text streams for people; a program reads the one object at the end.
      onText: this.jsonEnabled() || prompts.length > 1 ? undefined : (text) => process.stdout.write(text),
    });
    if (!this.jsonEnabled()) this.printForPeople(result, prompts.length);
    return { outputs: result.outputs };
  }

  /** One object on one line, as programs expect it. */
  protected override logJson(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json)}\n`);
  }

  private printForPeople(result: GenerateResult, numPrompts: number): void {
    if (numPrompts > 1) for (const { index, text, token_ids } of result.outputs) this.log(`[${index}] ${text ?? JSON.stringify(token_ids)}`);
    else this.log(result.outputs[0]!.text === null ? JSON.stringify(result.outputs[0]!.token_ids) : '');
    const speed = result.tokens_per_second === undefined ? '' : `, then ${result.tokens_per_second.toFixed(1)} tok/s`;
    this.note(`${result.num_tokens} tokens, first after ${result.ttft_ms.toFixed(0)} ms${speed}`);
  }
}

function promptsOf(texts: string[] | undefined, ids: string | undefined): GeneratePrompt[] {
  if (texts?.length) return texts.map((text) => ({ text }));
  if (ids === undefined) throw badFlag("trtllm generate: give --prompt TEXT or --input-ids '[[1,2,3]]'");
  let value: unknown;
  try {
    value = JSON.parse(ids);
  } catch {
    value = undefined;
  }
  const isIds = (list: unknown): list is number[] => Array.isArray(list) && list.length > 0 && list.every((id) => Number.isInteger(id) && id >= 0 && id < 2 ** 31);
  if (isIds(value)) return [{ ids: value }];
  if (!Array.isArray(value) || value.length === 0 || !value.every(isIds)) throw badFlag("--input-ids: expected lists of token ids such as '[[1,2,3],[4]]'");
  return value.map((list: number[]) => ({ ids: list }));
}
