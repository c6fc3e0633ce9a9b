// What the JSON of /v1/completions looks like.
import type { Tokenizer } from '@trtllm/text';
import type { GeneratedPiece } from '../generate.js';
import { codePoints, TextAssembly } from '../text-assembly.js';
import type { ContextLogits } from '../worker/request-stream.js';
import { completionLogprobs, concatLogprobs, type CompletionLogprobs } from './completion-logprobs.js';
import type { CompletionFields, Prompt } from './completion-request.js';
import type { ReplyFormat } from './respond.js';
import type { UsageBody } from './usage.js';

export class CompletionFormat implements ReplyFormat {
  private readonly echoes: (Echo | undefined)[];

  constructor(
    private readonly head: { id: string; created: number; model: string },
    private readonly fields: CompletionFields,
    prompts: Prompt[],
    private readonly tokenizer: Tokenizer | undefined,
  ) {
    this.echoes = prompts.map((prompt) => (fields.echo ? echoOf(prompt, fields, tokenizer) : undefined));
  }

  whole(choices: GeneratedPiece[], usage: UsageBody): object {
    return {
      ...this.body(choices.map((piece, index) => this.choice(index, piece, true))),
      usage,
      prompt_token_ids: null,
    };
  }

  chunks(choiceIndex: number, piece: GeneratedPiece, isFirst: boolean): object[] {
    const choice = this.choice(choiceIndex, piece, isFirst);
    const isEmpty = !choice.text && !choice.token_ids?.length && !choice.logprobs?.tokens.length && !choice.finish_reason;
    return isEmpty ? [] : [this.body([choice])];
  }

  usageChunk(): object {
    return this.body([]);
  }

  private body(choices: Choice[]): object {
    return { id: this.head.id, object: 'text_completion', created: this.head.created, model: this.head.model, choices };
  }

  private choice(index: number, piece: GeneratedPiece, isFirst: boolean): Choice {
    const echo = this.echoes[Math.floor(index / (this.fields.n ?? 1))];
    const shownEcho = isFirst ? echo : undefined;
    const isText = this.tokenizer !== undefined && this.fields.detokenize !== false;
    return {
      index,
      text: this.tokenizer === undefined ? null : isText ? (shownEcho?.text ?? '') + piece.text : '',
      token_ids: isText ? null : [...(shownEcho?.ids ?? []), ...piece.token_ids],
      logprobs: this.fields.logprobs === undefined ? null : this.logprobs(piece, echo, isFirst),
      context_logits: this.fields.return_context_logits ? rowsOf(piece.context_logits) : null,
      finish_reason: piece.finish_reason ?? null,
      stop_reason: piece.stop_reason ?? null,
      disaggregated_params: null,
      avg_decoded_tokens_per_iter: 1,
    };
  }

  private logprobs(piece: GeneratedPiece, echo: Echo | undefined, isFirst: boolean): CompletionLogprobs {
    const before = echo ? codePoints(echo.text) : 0;
    const made = completionLogprobs(this.tokenizer, { ...piece, text_offsets: piece.text_offsets.map((offset) => offset + before) });
    if (!echo || !isFirst) return made;
    const prompt = { token_ids: echo.ids, logprobs: piece.prompt_logprobs ?? [], text_offsets: echo.text_offsets };
    return concatLogprobs(completionLogprobs(this.tokenizer, prompt), made);
  }
}

interface Choice {
  index: number;
  /** null: no tokenizer. */
  text: string | null;
  token_ids: number[] | null;
  logprobs: CompletionLogprobs | null;
  context_logits: number[][] | null;
  finish_reason: string | null;
  stop_reason: string | number | null;
  disaggregated_params: null;
  avg_decoded_tokens_per_iter: number;
}

/** A prompt as its reply repeats it. */
interface Echo {
  text: string;
  ids: number[];
  text_offsets: number[];
}

function echoOf(prompt: Prompt, fields: CompletionFields, tokenizer: Tokenizer | undefined): Echo {
  if (!tokenizer) return { text: '', ids: prompt.ids, text_offsets: prompt.ids.map(() => 0) };
  const assembly = new TextAssembly(tokenizer, {
    skip_special_tokens: fields.skip_special_tokens ?? true,
    stop: [],
    include_stop: false,
    min_tokens: 0,
  });
  const text_offsets: number[] = [];
  let text = '';
  for (const id of prompt.ids) {
    text_offsets.push(assembly.offset);
    text += assembly.push(id);
  }
  text += assembly.flush();
  return { text: prompt.text ?? text, ids: prompt.ids, text_offsets };
}

function rowsOf(parts: ContextLogits[]): number[][] {
  return parts
    .toSorted((a, b) => a.first_row - b.first_row)
    .flatMap(({ num_rows, vocab_size, values }) =>
      Array.from({ length: num_rows }, (_, row) => Array.from(values.subarray(row * vocab_size, (row + 1) * vocab_size))),
    );
}
