// A JSON file that the user named.
import { readFile } from 'node:fs/promises';
import { badFlag } from './numbers.js';

export async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw badFlag(`cannot read ${path}: ${cause.message}`);
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badFlag(`${path} is not JSON: ${(cause as Error).message}`);
  }
}
