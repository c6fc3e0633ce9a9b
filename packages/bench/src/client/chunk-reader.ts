// The chunks of one stream, read one after the other. Most differ from the one before in their text alone; those are compared, not
// parsed, which is a tenth of the work.
import type { ChunkFacts } from './chunk-facts.js';

/** All of a chunk but the text between its quotes. */
export interface ChunkFrame {
  before: string;
  behind: string;
}

interface Template extends ChunkFrame {
  facts: ChunkFacts;
  /** A frame that was found to be the same. */
  known?: ChunkFrame;
}

const MARKERS = ['text', 'content', 'reasoning_content', 'reasoning'].flatMap((name) => [`"${name}":"`, `"${name}": "`]);
const PROBE = 'another text';
/** A server that puts something new into every chunk is not asked for ever. */
const MAX_MISSES = 8;

export class ChunkReader {
  #template: Template | undefined;
  #misses = 0;

  constructor(private readonly parse: (json: string) => ChunkFacts) {}

  /** What parsing would give; throws as it does. Good until the next is read. */
  read(json: string): ChunkFacts {
    const text = this.#template && textIn(this.#template, json);
    if (text) return withText(this.#template!, text);
    const facts = this.parse(json);
    if (this.#misses < MAX_MISSES && isPlain(facts)) {
      this.#misses++;
      this.#template = this.#templateOf(json, facts.text) ?? this.#template;
    }
    return facts;
  }

  /** Whatever text stands in this frame, if it stands in JSON as it is and is not empty: all else of such a chunk is in `facts`. */
  knows(frame: ChunkFrame): boolean {
    return this.#template !== undefined && isOf(this.#template, frame);
  }

  /** Of the frame that is known. */
  get facts(): ChunkFacts | undefined {
    return this.#template?.facts;
  }

  #templateOf(json: string, text: string): Template | undefined {
    if (!isVerbatim(text) || text === PROBE) return undefined;
    for (const marker of MARKERS) {
      const at = json.indexOf(`${marker}${text}"`);
      if (at < 0) continue;
      const before = json.slice(0, at + marker.length);
      const behind = json.slice(before.length + text.length);
      // Whether this string is the text, and all of it, the parser says.
      const facts = this.parse(before + PROBE + behind);
      if (facts.text === PROBE && isPlain(facts)) return { before, behind, facts };
    }
    return undefined;
  }
}

function isOf(template: Template, frame: ChunkFrame): boolean {
  if (template.known === frame) return true;
  if (template.before !== frame.before || template.behind !== frame.behind) return false;
  template.known = frame;
  return true;
}

/** An object for all: one a chunk would be most of the work. */
function withText({ facts }: Template, text: string): ChunkFacts {
  facts.text = text;
  return facts;
}

/** Undefined: not of the template, or a text that needs parsing. */
function textIn({ before, behind }: Template, json: string): string | undefined {
  if (json.length < before.length + behind.length || !json.startsWith(before) || !json.endsWith(behind)) return undefined;
  const text = json.slice(before.length, json.length - behind.length);
  return isVerbatim(text) ? text : undefined;
}

/** Stands in JSON as it is: no quotes, no escapes, no control characters. */
function isVerbatim(text: string): boolean {
  return !/["\\\p{Cc}]/u.test(text);
}

/** Text and nothing else that would have to be looked for. */
function isPlain({ text, numTold, usage, finishReason, error }: ChunkFacts): boolean {
  return text !== '' && numTold === 0 && usage === undefined && finishReason === undefined && error === undefined;
}
