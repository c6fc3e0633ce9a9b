// A request body against its schema: the first thing that is wrong, by name.
import { z } from 'zod';
import { HttpError, invalid, quote } from './errors.js';
import { IGNORED_FIELDS, UNSUPPORTED_FIELDS } from './fields.js';
import type { JsonBody } from './json-body.js';

/** The body's fields, typed. `null` stands for "not given", as OpenAI's clients send it. */
export function validate<Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>, body: JsonBody): z.infer<z.ZodObject<Shape>> {
  const known: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body.fields)) {
    if (IGNORED_FIELDS.has(name)) continue;
    const isDone = Object.hasOwn(schema.shape, name);
    if (!isDone) refuseUnlessDefault(name, value, body.fields, Object.keys(schema.shape));
    if (isDone && value !== null) known[name] = value;
  }
  const result = schema.safeParse(known);
  if (!result.success) throw toHttpError(result.error.issues[0]!, Object.keys(schema.shape));
  return result.data;
}

/** A seed of 64 bits, signed or not. */
export function seedField(body: JsonBody): bigint | undefined {
  const found = body.fields['seed'];
  if (found === undefined || found === null) return undefined;
  const seed = body.seed ?? (Number.isSafeInteger(found) ? BigInt(found as number) : undefined);
  if (seed === undefined || seed < -(2n ** 63n) || seed >= 2n ** 64n) throw invalid('seed: expected an integer of 64 bits', 'seed');
  return seed;
}

function refuseUnlessDefault(name: string, value: unknown, body: Record<string, unknown>, done: string[]): void {
  if (!Object.hasOwn(UNSUPPORTED_FIELDS, name)) throw unknownField(name, done);
  if (value === null || UNSUPPORTED_FIELDS[name]!(value, body)) return;
  throw invalid(`${name} is not supported by this server; leave it out`, name, 'unsupported_parameter');
}

function unknownField(name: string, candidates: string[], path: PropertyKey[] = []): HttpError {
  const nearest = nearestName(name, candidates);
  const hint = nearest ? `; did you mean ${nearest}?` : '';
  return invalid(`unknown field ${quote(name)}${hint}`, pathText([...path, quote(name).slice(1, -1)]), 'unknown_parameter');
}

function toHttpError(issue: z.core.$ZodIssue, fields: string[]): HttpError {
  if (issue.code === 'unrecognized_keys') return unknownField(issue.keys[0]!, issue.path.length === 0 ? fields : [], issue.path);
  const deepest = deepestOf(issue);
  const path = pathText(deepest.path);
  return invalid(`${path}: ${deepest.message}`, path);
}

interface Complaint {
  path: PropertyKey[];
  message: string;
  isWrongType: boolean;
}

/** Of a union's complaints, that of the alternative that got furthest; of two at one place, not that it is another type altogether. */
function deepestOf(issue: z.core.$ZodIssue, prefix: PropertyKey[] = []): Complaint {
  const path = [...prefix, ...issue.path];
  const own: Complaint = { path, message: issue.message, isWrongType: issue.code === 'invalid_type' || issue.code === 'invalid_union' };
  if (issue.code !== 'invalid_union') return own;
  const firsts = issue.errors.flatMap((list) => list.slice(0, 1)).map((each) => deepestOf(each, path));
  return firsts.reduce((best, each) => (isFurther(each, best) ? each : best), own);
}

function isFurther(a: Complaint, b: Complaint): boolean {
  if (a.path.length !== b.path.length) return a.path.length > b.path.length;
  const [indexA, indexB] = [Number(a.path.at(-1)), Number(b.path.at(-1))];
  if (indexA !== indexB && !Number.isNaN(indexA)) return indexA > indexB;
  return b.isWrongType && !a.isWrongType;
}

/** messages[2].content */
function pathText(path: PropertyKey[]): string {
  return path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part)), '');
}

/** The candidate that is at most a third of the name away, in edits. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let least = Math.floor(Math.min(name.length, 64) / 3) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name.slice(0, 64), candidate);
    if (distance < least) [nearest, least] = [candidate, distance];
  }
  return nearest;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
