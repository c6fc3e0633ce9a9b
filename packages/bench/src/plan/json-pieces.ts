// JSONL and JSON arrays of objects -> the bytes of each object with its line. Cut before parsing: the ShareGPT file alone is longer
// than the longest string of V8.

export interface JsonPiece {
  line: number;
  piece: Buffer;
}

export class MalformedArray extends Error {
  constructor(
    readonly line: number,
    readonly expected: string,
    readonly found: string,
  ) {
    super(`expected ${expected}, found ${found}`);
  }
}

const [NEWLINE, QUOTE, BACKSLASH, COMMA] = [0x0a, 0x22, 0x5c, 0x2c];
const [BRACKET_OPEN, BRACKET_CLOSE, BRACE_OPEN, BRACE_CLOSE] = [0x5b, 0x5d, 0x7b, 0x7d];

export function isArray(bytes: Buffer): boolean {
  return bytes[skipBlank(bytes, 0)] === BRACKET_OPEN;
}

/** Blank lines are left out. */
export function* linesOf(bytes: Buffer): Generator<JsonPiece> {
  for (let at = 0, line = 1; at < bytes.length; line++) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline === -1 ? bytes.length : newline;
    const start = skipBlank(bytes, at);
    if (start < end) yield { line, piece: bytes.subarray(start, end) };
    at = end + 1;
  }
}

/** The objects of one array, found by their braces; what they hold is for JSON.parse to judge. */
export function* arrayElements(bytes: Buffer): Generator<JsonPiece> {
  let [depth, isInString, start, startLine, line] = [0, false, 0, 1, 1];
  for (let at = skipBlank(bytes, 0); at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === NEWLINE) line++;
    if (isInString) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) isInString = false;
    } else if (byte === QUOTE && depth > 1) {
      isInString = true;
    } else if (byte === BRACE_OPEN || byte === BRACKET_OPEN) {
      if (depth++ === 1) [start, startLine] = [at, line];
    } else if (byte === BRACE_CLOSE || byte === BRACKET_CLOSE) {
      depth--;
      if (depth === 1) yield { line: startLine, piece: bytes.subarray(start, at + 1) };
      if (depth === 0) return;
    } else if (depth === 1 && byte !== COMMA && byte > 0x20) {
      throw new MalformedArray(line, 'a JSON object', bytes.subarray(at, at + 20).toString());
    }
  }
  throw new MalformedArray(line, 'the end of the array', 'the end of the file');
}

/** Past blanks and, at the start, a byte order mark. */
function skipBlank(bytes: Buffer, from: number): number {
  let at = from === 0 && bytes[0] === 0xef ? 3 : from;
  while (at < bytes.length && bytes[at]! <= 0x20) at++;
  return at;
}
