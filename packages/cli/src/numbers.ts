// Numbers in flags: strictly decimal, by name when they are not.
import { TrtllmError } from '@trtllm/protocol';

export function badFlag(message: string): TrtllmError {
  return new TrtllmError('BAD_FLAG', message);
}

/** A finite number; '1e3' is one, '', 'nan' and '0x10' are not. */
export function finite(text: string, flag: string): number {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw badFlag(`${flag} ${text}: expected a number`);
  const value = Number(text);
  if (!Number.isFinite(value)) throw badFlag(`${flag} ${text}: expected a finite number`);
  return value;
}

/** `finite`, within [min, max]. */
export function inRange(text: string, flag: string, min: number, max = Infinity): number {
  const value = finite(text, flag);
  if (value < min || value > max) throw badFlag(`${flag} ${text}: expected ${max === Infinity ? `at least ${min}` : `a number from ${min} to ${max}`}`);
  return value;
}

/** 3% or 0.03, below 1. */
export function share(text: string, flag: string, mayBeZero = false): number {
  const value = text.endsWith('%') ? finite(text.slice(0, -1), flag) / 100 : finite(text, flag);
  if (!(value < 1 && (value > 0 || (mayBeZero && value === 0)))) throw badFlag(`${flag} ${text}: expected a share such as 3% or 0.03`);
  return value;
}

/** Comma-separated words out of a list of known ones. */
export function words<T extends string>(text: string, flag: string, known: readonly T[]): T[] {
  const given = text.split(',').map((word) => word.trim()).filter((word) => word !== '');
  const unknown = given.find((word) => !known.includes(word as T));
  if (unknown !== undefined || given.length === 0) throw badFlag(`${flag} ${text}: expected some of ${known.join(',')}`);
  return given as T[];
}
