// The payloads of one reply, in order and stamped -> what was seen. Knows no sockets and no sums.
import { errorText, type ChunkFacts, type Usage } from './chunk-facts.js';
import { ChunkReader, type ChunkFrame } from './chunk-reader.js';
import { OPENAI_REPLY, type ReplyForm } from './reply-form.js';
import type { Failure } from './request-record.js';

/** Reads that brought content. The arrays run together: one entry an event. */
export interface ContentEvents {
  /** ms; equal for all events that one read completed. */
  stamps: number[];
  texts: string[];
  /** Tokens told by ids or logprobs; 0, or missing at the end: not told. */
  told: number[];
  /** usage.completion_tokens beside the content; -1, or missing at the end: none. */
  running: number[];
}

export class ReplyReader {
  content: ContentEvents = emptyEvents();
  /** Events with choices but without text: the only sign of life of a server that sends no text at all. */
  readonly silent: ContentEvents = emptyEvents();
  /** Some content was reasoning. */
  reasons = false;
  /** ms of the first content that was not reasoning alone. */
  answeredAt: number | undefined;
  usage: Usage = {};
  finishReason: string | undefined;
  /** Told by the server; see ChunkFacts. */
  tokensPerStep: number | undefined;
  failure: Failure | undefined;
  /** ms of [DONE], or of a whole reply's last byte. */
  doneAt: number | undefined;
  readonly #chunks: ChunkReader;

  constructor(private readonly form: ReplyForm = OPENAI_REPLY) {
    this.#chunks = new ChunkReader(form.read);
  }

  /** One server-sent event. */
  takeEvent(data: string, event: string, at: number): void {
    if (data === '[DONE]') this.doneAt = at;
    else if (event === 'error') this.failure = { outcome: 'stream-error', reason: errorText(data) };
    else this.#takeChunk(data, at);
  }

  /** Chunks of which only the texts are new, which stand in JSON as they are and are not empty; a stamp each. */
  takeTexts(frame: ChunkFrame, texts: readonly string[], stamps: readonly number[]): void {
    let taken = 0;
    for (; taken < texts.length && !this.#isPlain(frame); taken++) this.takeEvent(frame.before + texts[taken] + frame.behind, '', stamps[taken]!);
    if (taken < texts.length) this.#takePlain(texts.slice(taken), stamps.slice(taken), this.#chunks.facts!);
  }

  /** The body of a reply that was not streamed. */
  takeWhole(body: string, at: number): void {
    this.#takeChunk(body, at);
    this.doneAt = at;
  }

  /** The stream was closed properly. */
  endStream(at: number): void {
    if (this.form.textsAdded) this.content = withText(this.content, this.form.textsAdded(this.content.texts));
    if (this.doneAt !== undefined || this.finishReason !== undefined) return;
    if (this.form.hasEndMark) this.failure ??= { outcome: 'truncated', reason: 'the stream ended with neither [DONE] nor a finish_reason' };
    else this.doneAt = at;
  }

  #takeChunk(json: string, at: number): void {
    if (this.failure !== undefined) return;
    let facts: ChunkFacts;
    try {
      facts = this.#chunks.read(json);
    } catch {
      this.failure = { outcome: 'protocol', reason: `not a JSON object: ${JSON.stringify(json.slice(0, 60))}` };
      return;
    }
    if (facts.error !== undefined) {
      this.failure = { outcome: 'stream-error', reason: facts.error };
      return;
    }
    if (facts.usage !== undefined) this.#takeUsage(facts.usage);
    if (facts.finishReason !== undefined) this.finishReason = facts.finishReason;
    if (facts.tokensPerStep !== undefined) this.tokensPerStep = facts.tokensPerStep;
    if (facts.hasChoices) this.#takeContent(facts, at);
  }

  /** Of this frame all but the text is known, and that nothing else has to be looked for. */
  #isPlain(frame: ChunkFrame): boolean {
    return this.failure === undefined && this.#chunks.knows(frame);
  }

  #takePlain(texts: readonly string[], stamps: readonly number[], { isReasoning }: ChunkFacts): void {
    for (const text of texts) this.content.texts.push(text);
    for (const at of stamps) this.content.stamps.push(at);
    if (isReasoning) this.reasons = true;
    else this.answeredAt ??= stamps[0];
  }

  #takeContent(facts: ChunkFacts, at: number): void {
    const isContent = facts.text !== '' || facts.numTold > 0;
    append(isContent ? this.content : this.silent, facts, at);
    if (facts.isReasoning) this.reasons = true;
    else if (isContent) this.answeredAt ??= at;
  }

  /** The last word wins, field by field. */
  #takeUsage(usage: Usage): void {
    for (const key of ['promptTokens', 'completionTokens', 'cachedTokens'] as const) {
      if (usage[key] !== undefined) this.usage[key] = usage[key];
    }
  }
}

function emptyEvents(): ContentEvents {
  return { stamps: [], texts: [], told: [], running: [] };
}

/** Events with these texts; those that are left without one are no content. */
function withText({ stamps, told, running }: ContentEvents, texts: readonly string[]): ContentEvents {
  const kept = [...texts.keys()].filter((i) => texts[i] !== '');
  return { stamps: kept.map((i) => stamps[i]!), texts: kept.map((i) => texts[i]!), told: kept.map((i) => told[i] ?? 0), running: kept.map((i) => running[i] ?? -1) };
}

function append({ stamps, texts, told, running }: ContentEvents, facts: ChunkFacts, at: number): void {
  if (facts.numTold > 0) put(told, stamps.length, facts.numTold, 0);
  if (facts.usage?.completionTokens !== undefined) put(running, stamps.length, facts.usage.completionTokens, -1);
  stamps.push(at);
  texts.push(facts.text);
}

function put(column: number[], index: number, value: number, missing: number): void {
  while (column.length < index) column.push(missing);
  column.push(value);
}
