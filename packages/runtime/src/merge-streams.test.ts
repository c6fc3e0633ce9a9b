import { describe, expect, it } from 'vitest';
import { mergeStreams } from './merge-streams.js';

async function* count(to: number): AsyncGenerator<number> {
  for (let i = 0; i < to; i++) {
    await Promise.resolve();
    yield i;
  }
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of stream) all.push(value);
  return all;
}

describe('mergeStreams', () => {
  it('gives every value of every stream, each stream in its own order', async () => {
    const merged = await collect(mergeStreams([() => count(3), () => count(0), () => count(5)], 2));
    expect(merged.filter(([index]) => index === 0).map(([, value]) => value)).toEqual([0, 1, 2]);
    expect(merged.filter(([index]) => index === 2).map(([, value]) => value)).toEqual([0, 1, 2, 3, 4]);
    expect(merged).toHaveLength(8);
  });

  it('has no more streams open than allowed', async () => {
    let isOpen = 0;
    let most = 0;
    const stream = async function* () {
      most = Math.max(most, ++isOpen);
      yield* count(2);
      isOpen--;
    };
    await collect(mergeStreams(Array.from({ length: 9 }, () => stream), 3));
    expect(most).toBe(3);
  });

  it('aborts the others when one fails', async () => {
    const aborted: boolean[] = [];
    const forever = async function* (signal: AbortSignal): AsyncGenerator<number> {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      aborted.push(signal.aborted);
      yield* count(0);
    };
    const failing = async function* (): AsyncGenerator<number> {
      yield 1;
      throw new Error('broken');
    };
    await expect(collect(mergeStreams([forever, failing], 2))).rejects.toThrow('broken');
    await Promise.resolve();
    expect(aborted).toEqual([true]);
  });

  it.each([1, 3])('aborts all of %i when the reader leaves', async (number) => {
    const signals: AbortSignal[] = [];
    const stream = (signal: AbortSignal) => (signals.push(signal), count(100));
    for await (const _ of mergeStreams(Array(number).fill(stream), number)) break;
    expect(signals.map(({ aborted }) => aborted)).toEqual(Array(number).fill(true));
  });
});
