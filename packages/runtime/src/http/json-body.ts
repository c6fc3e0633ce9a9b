// A request body's bytes -> JSON object. One pass over the text before JSON.parse bounds its depth and keeps `seed` exactly:
// JSON.parse rounds integers beyond 2^53.
import { invalid } from './errors.js';
import { LIMITS } from './limits.js';

export interface JsonBody {
  fields: Record<string, unknown>;
  /** The top-level `seed` as written, if it is an integer. */
  seed: bigint | undefined;
}

export function parseJsonBody(bytes: Uint8Array): JsonBody {
  const text = decodeUtf8(bytes);
  const seed = scan(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalidJson(`the body is not valid JSON: ${(error as Error).message.slice(0, 120)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidJson('the body must be a JSON object');
  return { fields: value as Record<string, unknown>, seed };
}

function decodeUtf8(bytes: Uint8Array): string {
  if (bytes.length === 0) throw invalidJson('the body is empty; expected a JSON object');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalidJson('the body is not UTF-8');
  }
}

/** Checks the depth; returns the last top-level integer `seed`. Text that is no JSON is left to JSON.parse to refuse. */
function scan(text: string): bigint | undefined {
  let depth = 0;
  let seed: bigint | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '{' || char === '[') {
      if (++depth > LIMITS.json_depth) throw invalidJson(`the body is nested deeper than ${LIMITS.json_depth} levels`);
    } else if (char === '}' || char === ']') depth--;
    else if (char === '"') {
      const end = endOfString(text, at);
      if (depth === 1 && isSeed(text.slice(at, end)) && isKey(text, end)) seed = integerAfterColon(text, end);
      at = end - 1;
    }
  }
  return seed;
}

/** The index behind the closing quote of the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function isSeed(literal: string): boolean {
  if (literal === '"seed"') return true;
  if (!literal.includes('\\') || literal.length > '"\\uXXXX"'.length * 4) return false;
  try {
    return JSON.parse(literal) === 'seed';
  } catch {
    return false;
  }
}

/** A string is a key if a colon follows it. */
function isKey(text: string, at: number): boolean {
  const pattern = /\s*:/y;
  pattern.lastIndex = at;
  return pattern.test(text);
}

function integerAfterColon(text: string, at: number): bigint | undefined {
  const pattern = /\s*:\s*(-?\d{1,20})\s*[,}]/y;
  pattern.lastIndex = at;
  const digits = pattern.exec(text)?.[1];
  return digits === undefined ? undefined : BigInt(digits);
}

function invalidJson(message: string) {
  return invalid(message, null, 'invalid_json');
}
