// Results in one file: one JSON document, or a line for each as --append-result has them (vLLM's does the same).
import { existsSync, readFileSync } from 'node:fs';

/** Throws SyntaxError. */
export function documentsIn(text: string): unknown[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const isOneALine = lines.length > 1 && lines.every((line) => line.startsWith('{') && line.endsWith('}'));
  return isOneALine ? lines.map((line): unknown => JSON.parse(line)) : [JSON.parse(text)];
}

/** The file's text with one result more, each in a line. */
export function withResult(path: string, result: unknown): string {
  const before = existsSync(path) ? documentsIn(readFileSync(path, 'utf8')) : [];
  return [...before, result].map((document) => `${JSON.stringify(document)}\n`).join('');
}
