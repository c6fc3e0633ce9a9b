// The payloads of one reply, in order and stamped -> what was seen. Knows no sockets and no sums.
import { errorText, type ChunkFacts, type Usage } from './chunk-facts.js';
import { ChunkReader, type ChunkFrame } from './chunk-reader.js';
import { addEvent, addTexts, noEvents, textsOf, withTexts, type TextRun } from './content-events.js';
import { OPENAI_REPLY, type ReplyForm } from './reply-form.js';
import type { Failure } from './request-record.js';

export class ReplyReader {
  content = noEvents();
  /** Events with choices but without text: the only sign of life of a server that sends no text at all. */
  readonly silent = noEvents();
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

  /** Chunks of which only the texts are new, which stand in JSON as they are. */
  takeTexts(frame: ChunkFrame, run: TextRun): void {
    const { text, sizes, stamps } = run;
    let taken = 0;
    let from = 0;
    for (; taken < sizes.length && !this.#isPlain(frame); taken++) {
      this.takeEvent(frame.before + text.slice(from, (from += sizes[taken]!)) + frame.behind, '', stamps[taken]!);
    }
    if (taken === 0) this.#takePlain(run);
    else if (taken < sizes.length) this.#takePlain({ text: text.slice(from), sizes: Array.from(sizes).slice(taken), stamps: stamps.slice(taken) });
  }

  /** The body of a reply that was not streamed. */
  takeWhole(body: string, at: number): void {
    this.#takeChunk(body, at);
    this.doneAt = at;
  }

  /** The stream was closed properly. */
  endStream(at: number): void {
    if (this.form.textsAdded) this.content = withTexts(this.content, this.form.textsAdded(textsOf(this.content)));
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

  #takePlain(run: TextRun): void {
    addTexts(this.content, run);
    if (this.#chunks.facts?.isReasoning) this.reasons = true;
    else this.answeredAt ??= run.stamps[0];
  }

  #takeContent(facts: ChunkFacts, at: number): void {
    const isContent = facts.text !== '' || facts.numTold > 0;
    addEvent(isContent ? this.content : this.silent, at, facts.text, facts.numTold, facts.usage?.completionTokens);
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
