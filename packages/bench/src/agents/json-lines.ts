// Values as lines of JSON over a stream. Node's readline is no help: it also ends lines at U+2028, which JSON leaves in its strings.
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

export async function* jsonLines(input: Readable): AsyncGenerator<unknown> {
  input.setEncoding('utf8');
  let pieces: string[] = [];
  for await (const piece of input as AsyncIterable<string>) {
    const [first, ...others] = piece.split('\n');
    pieces.push(first!);
    for (const next of others) {
      yield JSON.parse(pieces.join(''));
      pieces = [next];
    }
  }
}

export function writeLine(output: Writable, value: unknown): boolean {
  return output.write(`${JSON.stringify(value)}\n`);
}

/** Resolves when there is room for more, or nobody reads any longer. */
export async function writeLineAndWait(output: Writable, value: unknown): Promise<void> {
  if (writeLine(output, value) || output.destroyed) return;
  const settled = new AbortController();
  const closed = once(output, 'close', { signal: settled.signal });
  await Promise.race([once(output, 'drain', { signal: settled.signal }), closed]).finally(() => settled.abort());
}
