// Refusals of option values, in one wording: the flag, what it takes, what was given.
import { TrtllmError } from '@trtllm/protocol';

export function refuse(flag: string, expected: string, found: unknown): never {
  throw new TrtllmError('BAD_FLAG', `--${flag}: expected ${expected}, found ${String(found)}`);
}

export function checkInteger(flag: string, value: number | undefined, min: number): void {
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= min)) refuse(flag, `a whole number >= ${min}`, value);
}
