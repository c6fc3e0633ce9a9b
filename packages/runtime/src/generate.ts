// Prompt ids -> stream of text; the one file that joins text and worker.
import { TrtllmError, type SamplingParams, type WireLogprobs } from '@trtllm/protocol';
import type { Tokenizer } from '@trtllm/text';
import { TextAssembly } from './text-assembly.js';
import type { ContextLogits, RequestUpdate } from './worker/request-stream.js';
import type { WorkerClient } from './worker/worker-client.js';

export interface GenerateRequest {
  prompt_ids: readonly number[];
  /** 0: only the prompt is scored. */
  max_tokens: number;
  sampling: Partial<SamplingParams>;
  /** End of text; empty where the request ignores it. */
  eos_token_ids: readonly number[];
  stop_token_ids: readonly number[];
  stop: string[];
  include_stop: boolean;
  skip_special_tokens: boolean;
  /** The text goes on from the prompt's (a leading space stays); else it stands alone. */
  continues_prompt?: boolean;
  context_logits?: boolean;
  cache_salt?: string | undefined;
}

/** What came since the last piece. */
export interface GeneratedPiece {
  /** Empty without a tokenizer. */
  text: string;
  token_ids: number[];
  /** One a token, if asked for. */
  logprobs: WireLogprobs[];
  /** One a token: where its text begins, in code points of the whole output. */
  text_offsets: number[];
  context_logits: ContextLogits[];
  prompt_logprobs?: (WireLogprobs | null)[];
  cached_tokens?: number;
  /** On the last piece. */
  finish_reason?: 'stop' | 'length' | 'timeout';
  /** The stop string or stop token id that ended it; null for end of text. */
  stop_reason?: string | number | null;
}

/** Generates until an end; leaving early cancels. Aborting throws the signal's reason. */
export async function* generate(
  worker: WorkerClient,
  tokenizer: Tokenizer | undefined,
  request: GenerateRequest,
  signal?: AbortSignal,
): AsyncGenerator<GeneratedPiece, void> {
  const assembly = tokenizer && new TextAssembly(tokenizer, { ...request, min_tokens: request.sampling.min_tokens ?? 0 });
  const updates = worker.submit(
    {
      prompt_ids: request.prompt_ids,
      max_tokens: Math.max(1, request.max_tokens),
      sampling: request.sampling,
      stop_token_ids: [...request.eos_token_ids, ...request.stop_token_ids],
      ...(request.context_logits ? { context_logits: true } : {}),
      cache_salt: request.cache_salt,
    },
    signal,
  );
  if (request.continues_prompt) assembly?.continueFrom(request.prompt_ids);
  let numTokens = 0;
  for await (const update of updates) {
    if (update.finish === 'cancelled') {
      yield* endCancelled(signal, numTokens);
      return;
    }
    const piece = request.max_tokens === 0 ? scoredPrompt(update) : pieceOf(update, assembly, request);
    numTokens += piece.token_ids.length;
    yield piece;
    if (piece.finish_reason) return;
  }
}

function pieceOf(update: RequestUpdate, assembly: TextAssembly | undefined, request: GenerateRequest): GeneratedPiece {
  const piece = emptyPiece(update);
  for (const [index, id] of update.token_ids.entries()) {
    const isEndToken = update.finish === 'stop' && index === update.token_ids.length - 1;
    piece.token_ids.push(id);
    piece.text_offsets.push(assembly?.offset ?? 0);
    if (update.logprobs[index]) piece.logprobs.push(update.logprobs[index]);
    if (assembly && !(isEndToken && isHidden(id, request))) piece.text += assembly.push(id);
    if (assembly?.stop !== undefined) return { ...piece, finish_reason: 'stop', stop_reason: assembly.stop };
  }
  return update.finish ? finished(piece, update, assembly, request) : piece;
}

function finished(
  piece: GeneratedPiece,
  update: RequestUpdate,
  assembly: TextAssembly | undefined,
  request: GenerateRequest,
): GeneratedPiece {
  const text = piece.text + (assembly?.flush() ?? '');
  if (assembly?.stop !== undefined) return { ...piece, text, finish_reason: 'stop', stop_reason: assembly.stop };
  if (update.finish !== 'stop') return { ...piece, text, finish_reason: 'length', stop_reason: null };
  const endToken = update.token_ids.at(-1);
  const isUsers = endToken !== undefined && request.stop_token_ids.includes(endToken);
  return { ...piece, text, finish_reason: 'stop', stop_reason: isUsers ? endToken : null };
}

/** The token that ended the output is no part of its text, unless the caller wants to see its own stops. */
function isHidden(endToken: number, request: GenerateRequest): boolean {
  return !(request.include_stop && request.stop_token_ids.includes(endToken));
}

/** max_tokens 0: the worker makes one token to have the prompt read; it is not shown. */
function scoredPrompt(update: RequestUpdate): GeneratedPiece {
  const piece = emptyPiece(update);
  return update.finish ? { ...piece, finish_reason: 'length', stop_reason: null } : piece;
}

function emptyPiece(update: RequestUpdate): GeneratedPiece {
  return {
    text: '',
    token_ids: [],
    logprobs: [],
    text_offsets: [],
    context_logits: update.context_logits,
    ...(update.prompt_logprobs ? { prompt_logprobs: update.prompt_logprobs } : {}),
    ...(update.cached_tokens === undefined ? {} : { cached_tokens: update.cached_tokens }),
  };
}

/** A time limit ends a begun output with what there is; every other abort is an error. */
function* endCancelled(signal: AbortSignal | undefined, numTokens: number): Generator<GeneratedPiece> {
  const reason: unknown = signal?.reason;
  if (reason instanceof TrtllmError && reason.code === 'REQUEST_TIMEOUT' && numTokens > 0) {
    yield { text: '', token_ids: [], logprobs: [], text_offsets: [], context_logits: [], finish_reason: 'timeout', stop_reason: null };
    return;
  }
  throw reason instanceof Error ? reason : new Error('the request was cancelled');
}
