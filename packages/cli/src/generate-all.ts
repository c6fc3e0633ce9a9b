// All prompts of one `trtllm generate`, together on one worker.
import { setMaxListeners } from 'node:events';
import { generate, openWorker, type EngineOptions, type OpenWorker } from '@trtllm/runtime/engine';
import { TrtllmError, type SamplingParams } from '@trtllm/protocol';
import { collectLogits, writeLogits } from './context-logits.js';

export type GeneratePrompt = { text: string } | { ids: number[] };

export interface GenerateOptions {
  prompts: GeneratePrompt[];
  max_tokens: number;
  sampling: Partial<SamplingParams>;
  stop: string[];
  ignore_eos: boolean;
  /** safetensors file for the raw logits of every prompt token. */
  context_logits_file: string | undefined;
  signal: AbortSignal;
  /** Text as it comes. */
  onText: ((text: string) => void) | undefined;
}

export interface GenerateOutput {
  index: number;
  prompt_token_ids: number[];
  token_ids: number[];
  /** null for an engine without a tokenizer. */
  text: string | null;
  finish_reason: string;
}

export interface GenerateResult {
  outputs: GenerateOutput[];
  num_tokens: number;
  ttft_ms: number;
  /** After the first token, all prompts together; undefined where everything came at once. */
  tokens_per_second: number | undefined;
}

export async function generateAll(engine: string, engineOptions: EngineOptions, options: GenerateOptions): Promise<GenerateResult> {
  const worker = await openWorker(engine, engineOptions);
  setMaxListeners(0, options.signal); // every prompt listens; Node would warn of a leak from the eleventh on
  try {
    const clock = new Clock();
    const done = await Promise.all(options.prompts.map((prompt, index) => one(worker, prompt, index, options, clock)));
    if (options.context_logits_file !== undefined) await writeLogits(options.context_logits_file, done.map(({ logits }) => logits));
    return { outputs: done.map(({ output }) => output), ...clock.summary() };
  } finally {
    await worker.close();
  }
}

async function one(worker: OpenWorker, prompt: GeneratePrompt, index: number, options: GenerateOptions, clock: Clock) {
  const { tokenizer, eos_token_ids } = worker;
  const ids = 'ids' in prompt ? prompt.ids : encode(worker, prompt.text);
  const output: GenerateOutput = { index, prompt_token_ids: ids, token_ids: [], text: tokenizer ? '' : null, finish_reason: 'error' };
  const request = {
    prompt_ids: ids,
    max_tokens: options.max_tokens,
    sampling: options.sampling,
    eos_token_ids: options.ignore_eos ? [] : eos_token_ids,
    stop_token_ids: [],
    stop: options.stop,
    include_stop: false,
    skip_special_tokens: true,
    continues_prompt: 'text' in prompt,
    context_logits: options.context_logits_file !== undefined,
  };
  const logits = collectLogits();
  for await (const piece of generate(worker.client, tokenizer, request, options.signal)) {
    clock.count(piece.token_ids.length);
    output.token_ids.push(...piece.token_ids);
    for (const chunk of piece.context_logits) logits.add(chunk);
    if (tokenizer) {
      output.text += piece.text;
      options.onText?.(piece.text);
    }
    if (piece.finish_reason) output.finish_reason = piece.finish_reason;
  }
  return { output, logits };
}

function encode({ tokenizer }: OpenWorker, text: string): number[] {
  if (!tokenizer) throw new TrtllmError('REQUEST_INVALID', "this engine has no tokenizer: give --input-ids '[[1,2,3]]', or --tokenizer DIR");
  const ids = tokenizer.encode(text, { addSpecialTokens: true });
  if (ids.length === 0) throw new TrtllmError('REQUEST_INVALID', '--prompt: the text has no token');
  return ids;
}

class Clock {
  private readonly start = performance.now();
  private first = 0;
  private last = 0;
  private tokens = 0;
  private firstTokens = 0;

  count(tokens: number): void {
    if (tokens === 0) return;
    this.last = performance.now();
    if (this.tokens === 0) {
      this.first = this.last;
      this.firstTokens = tokens;
    }
    this.tokens += tokens;
  }

  summary(): Pick<GenerateResult, 'num_tokens' | 'ttft_ms' | 'tokens_per_second'> {
    const seconds = (this.last - this.first) / 1000;
    return {
      num_tokens: this.tokens,
      ttft_ms: this.tokens > 0 ? this.first - this.start : 0,
      tokens_per_second: seconds > 0 ? (this.tokens - this.firstTokens) / seconds : undefined,
    };
  }
}
