// Many streams as one, in the order things come; a bounded number of them is open at a time, and none runs ahead of the reader.

interface Waiting<T> {
  index: number;
  value: T;
  taken: () => void;
}

type Open<T> = (signal: AbortSignal) => AsyncIterable<T>;
type Merged<T> = AsyncGenerator<[index: number, value: T], void>;

/** Yields [index of the stream, value]. One that fails ends all; leaving early aborts all. */
export async function* mergeStreams<T>(open: Open<T>[], maxOpen: number, signal?: AbortSignal): Merged<T> {
  const leave = new AbortController();
  const all = signal ? AbortSignal.any([signal, leave.signal]) : leave.signal;
  try {
    // What nearly every request is needs no queue, and its tokens no further promises.
    if (open.length === 1) for await (const value of open[0]!(all)) yield [0, value];
    else yield* mergeSeveral(open, maxOpen, all, leave);
  } finally {
    leave.abort();
  }
}

/** `all` is what the streams get: it is aborted by the caller's signal or by `leave`. */
async function* mergeSeveral<T>(open: Open<T>[], maxOpen: number, all: AbortSignal, leave: AbortController): Merged<T> {
  const waiting: Waiting<T>[] = [];
  let wake = () => {};
  let failure: { error: unknown } | undefined;
  let numOpened = 0;
  let numDone = 0;

  async function pump(): Promise<void> {
    while (numOpened < open.length && !leave.signal.aborted) {
      const index = numOpened++;
      for await (const value of open[index]!(all)) {
        if (leave.signal.aborted) return;
        await new Promise<void>((taken) => {
          waiting.push({ index, value, taken });
          wake();
        });
      }
      numDone++;
      wake();
    }
  }

  const fail = (error: unknown) => {
    failure ??= { error };
    wake();
  };
  for (let i = 0; i < Math.min(maxOpen, open.length); i++) void pump().catch(fail);
  try {
    while (numDone < open.length || waiting.length > 0) {
      const next = waiting.shift();
      if (next) {
        yield [next.index, next.value];
        next.taken();
      } else if (failure) throw failure.error;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    leave.abort();
    for (const each of waiting) each.taken();
  }
}
