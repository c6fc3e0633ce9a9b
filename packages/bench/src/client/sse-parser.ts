// Bytes of a text/event-stream -> events, by the WHATWG rules; bytes may be cut anywhere. Works on bytes and decodes whole
// lines only, so that a character split between reads survives.

export type OnEvent = (data: string, event: string) => void;

const LF = 10;
const CR = 13;
const DATA = Buffer.from('data:');
const BOM = Buffer.from('\ufeff');

export class SseParser {
  /** Begin of a line whose end has not come yet. */
  #pieces: Buffer[] = [];
  #data: string | undefined;
  #event = '';
  #skipLf = false;
  #isFirstLine = true;

  constructor(private readonly onEvent: OnEvent) {}

  push(chunk: Buffer): void {
    let start = this.#skipLf && chunk[0] === LF ? 1 : 0;
    if (chunk.length > 0) this.#skipLf = false;
    let nextCr = indexOrEnd(chunk, CR, start);
    for (;;) {
      if (nextCr < start) nextCr = indexOrEnd(chunk, CR, start);
      const end = Math.min(indexOrEnd(chunk, LF, start), nextCr);
      if (end === chunk.length) break;
      this.#takeLine(chunk.subarray(start, end));
      start = end + 1;
      if (chunk[end] !== CR) continue;
      if (start === chunk.length) this.#skipLf = true;
      else if (chunk[start] === LF) start++;
    }
    if (start < chunk.length) this.#pieces.push(chunk.subarray(start));
  }

  #takeLine(end: Buffer): void {
    let line = end;
    if (this.#pieces.length > 0) {
      line = Buffer.concat([...this.#pieces, end]);
      this.#pieces = [];
    }
    if (this.#isFirstLine) {
      this.#isFirstLine = false;
      if (startsWith(line, BOM)) line = line.subarray(BOM.length);
    }
    if (line.length === 0) this.#dispatch();
    else if (startsWith(line, DATA)) this.#addData(line.toString('utf8', line[5] === 0x20 ? 6 : 5));
    else this.#takeOtherField(line.toString());
  }

  #addData(value: string): void {
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
  }

  /** Comments, `id` and `retry` say nothing to a benchmark; a bare `data` or `event` is an empty one. */
  #takeOtherField(line: string): void {
    if (line === 'data') this.#addData('');
    else if (line === 'event') this.#event = '';
    else if (line.startsWith('event:')) this.#event = line.slice(line[6] === ' ' ? 7 : 6);
  }

  #dispatch(): void {
    const data = this.#data;
    const event = this.#event;
    this.#data = undefined;
    this.#event = '';
    if (data !== undefined) this.onEvent(data, event);
  }
}

function indexOrEnd(chunk: Buffer, byte: number, from: number): number {
  const index = chunk.indexOf(byte, from);
  return index < 0 ? chunk.length : index;
}

function startsWith(line: Buffer, prefix: Buffer): boolean {
  for (let i = 0; i < prefix.length; i++) if (line[i] !== prefix[i]) return false;
  return true;
}
