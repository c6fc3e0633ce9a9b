// JSON documents of the engine directory as they lie on disc; digests are of exactly these bytes.
import { createHash } from 'node:crypto';

/** Indented by two; lists of numbers and texts stay on one line. */
export function jsonDocument(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  // A raw newline is never inside a JSON text: only the layout is touched.
  return `${text.replace(/\[\n\s*([^[\]{}]*?)\n\s*\]/g, (_, items: string) => `[${items.replace(/\n\s*/g, ' ')}]`)}\n`;
}

export function sha256(...texts: string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text);
  return hash.digest('hex');
}
