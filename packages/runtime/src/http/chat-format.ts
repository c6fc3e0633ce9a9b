// What the JSON of /v1/chat/completions looks like.
import type { WireLogprobs } from '@trtllm/protocol';
import type { Tokenizer } from '@trtllm/text';
import type { GeneratedPiece } from '../generate.js';
import type { ReplyFormat } from './respond.js';
import { tokenText } from './token-text.js';
import type { UsageBody } from './usage.js';

interface ChatLogprobs {
  content: { token: string; logprob: number; bytes: number[] | null; top_logprobs: { token: string; logprob: number; bytes: number[] | null }[] }[];
}

export class ChatFormat implements ReplyFormat {
  constructor(
    private readonly head: { id: string; created: number; model: string },
    private readonly wantsLogprobs: boolean,
    private readonly tokenizer: Tokenizer | undefined,
  ) {}

  whole(choices: GeneratedPiece[], usage: UsageBody): object {
    return {
      ...this.body('chat.completion', choices.map((piece, index) => this.choice(index, piece))),
      usage,
      prompt_token_ids: null,
    };
  }

  /** The role comes alone, with the first output of a choice. */
  chunks(choiceIndex: number, piece: GeneratedPiece, isFirst: boolean): object[] {
    const events = isFirst ? [this.chunk({ index: choiceIndex, delta: { role: 'assistant', content: '' }, finish_reason: null })] : [];
    const isEmpty = !piece.text && piece.finish_reason === undefined && !(this.wantsLogprobs && piece.logprobs.length > 0);
    if (isEmpty && this.tokenizer) return events;
    return [
      ...events,
      this.chunk({
        index: choiceIndex,
        delta: piece.text ? { content: piece.text } : {},
        ...(this.tokenizer ? {} : { token_ids: piece.token_ids }),
        ...(this.wantsLogprobs ? { logprobs: this.logprobs(piece) } : {}),
        finish_reason: piece.finish_reason ?? null,
        ...(piece.stop_reason === undefined || piece.stop_reason === null ? {} : { stop_reason: piece.stop_reason }),
      }),
    ];
  }

  usageChunk(): object {
    return this.body('chat.completion.chunk', []);
  }

  private chunk(choice: object): object {
    return this.body('chat.completion.chunk', [choice]);
  }

  private body(object: string, choices: object[]): object {
    return { id: this.head.id, object, created: this.head.created, model: this.head.model, choices };
  }

  private choice(index: number, piece: GeneratedPiece): object {
    const content = this.tokenizer ? piece.text : null;
    return {
      index,
      message: { role: 'assistant', content, refusal: null, reasoning_content: null, reasoning: null, tool_calls: [] },
      ...(this.tokenizer ? {} : { token_ids: piece.token_ids }),
      logprobs: this.wantsLogprobs ? this.logprobs(piece) : null,
      finish_reason: piece.finish_reason ?? null,
      stop_reason: piece.stop_reason ?? null,
      mm_embedding_handle: null,
      disaggregated_params: null,
      avg_decoded_tokens_per_iter: 1,
    };
  }

  private logprobs(piece: GeneratedPiece): ChatLogprobs {
    const entry = (id: number, logprob: number) => ({ ...tokenText(this.tokenizer, id), logprob });
    const topOf = (each: WireLogprobs) => each.top.map(([id, logprob]) => entry(id, logprob));
    return { content: piece.logprobs.map((each, i) => ({ ...entry(piece.token_ids[i]!, each.logprob), top_logprobs: topOf(each) })) };
  }
}
