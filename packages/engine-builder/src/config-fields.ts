// Typed reads from an HF config.json: every number that becomes a size is an integer in a stated range, or refused by name.
// A field that is null counts as absent, as transformers writes it.
import { TrtllmError } from '@trtllm/protocol';

const SMALLEST_POSITIVE = 1e-20;

export class ConfigFields {
  constructor(
    private readonly values: Record<string, unknown>,
    /** File, and field in it where these are nested, for messages. */
    readonly where: string,
  ) {}

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** Written down at all, be it as null. */
  mentions(key: string): boolean {
    return Object.hasOwn(this.values, key);
  }

  get(key: string): unknown {
    return Object.hasOwn(this.values, key) ? (this.values[key] ?? undefined) : undefined;
  }

  integer(key: string, range: { min: number; max: number; fallback?: number }): number {
    const value = this.get(key) ?? range.fallback;
    if (typeof value === 'number' && Number.isInteger(value) && value >= range.min && value <= range.max) return value;
    throw this.refuse(key, `an integer from ${range.min} to ${range.max}`);
  }

  /** A number above 0 that float32 arithmetic can divide by. */
  positive(key: string, max: number, fallback?: number): number {
    const value = this.get(key) ?? fallback;
    if (typeof value === 'number' && value >= SMALLEST_POSITIVE && value <= max) return value;
    throw this.refuse(key, `a number from ${SMALLEST_POSITIVE} to ${max}`);
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.get(key) ?? fallback;
    if (typeof value === 'boolean') return value;
    throw this.refuse(key, 'true or false');
  }

  text(key: string, fallback?: string): string {
    const value = this.get(key) ?? fallback;
    if (typeof value === 'string') return value;
    throw this.refuse(key, 'a text');
  }

  /** A nested object, or null where it is absent. */
  object(key: string): ConfigFields | null {
    const value = this.get(key);
    if (value === undefined) return null;
    if (typeof value !== 'object' || Array.isArray(value)) throw this.refuse(key, 'an object');
    return new ConfigFields(value as Record<string, unknown>, `${this.where}: ${key}`);
  }

  /** Token ids: one or a list. */
  tokenIds(key: string, vocabSize: number): number[] {
    const value = this.get(key) ?? [];
    const ids: unknown[] = Array.isArray(value) ? value : [value];
    if (ids.every((id) => Number.isInteger(id) && (id as number) >= 0 && (id as number) < vocabSize)) return ids as number[];
    throw this.refuse(key, `token ids below vocab_size ${vocabSize}`);
  }

  refuse(key: string, expected: string): TrtllmError {
    const found = this.get(key);
    const problem = found === undefined ? `${key} is missing` : `${key} is ${JSON.stringify(found)?.slice(0, 120)}`;
    return new TrtllmError('CONFIG_INVALID', `${this.where}: ${problem}; expected ${expected}`);
  }
}
