// How one kind of server writes its replies.
import { readChunk, type ChunkFacts } from './chunk-facts.js';

export interface ReplyForm {
  /** One payload; throws a SyntaxError on what is no JSON object. */
  read: (json: string) => ChunkFacts;
  /** A stream without [DONE] or a finish reason was cut off; where there is no such mark, its proper close is the end. */
  hasEndMark: boolean;
  /** Texts of a whole stream -> what each event added; absent: they are that already. */
  textsAdded?: (texts: readonly string[]) => string[];
}

export const OPENAI_REPLY: ReplyForm = { read: readChunk, hasEndMark: true };
