// Where a run stops remembering its start: MSER-5 (White 1997; Franklin and White 2008). Means of batches of five; of the cuts in the first
// half the one with the smallest squared standard error of what is left, sum of (x - mean)^2 / (m - d)^2.

const BATCH = 5;

/** Samples to leave out at the start of `samples`, which are in order of time. At most half of them: then the end of warm-up was not seen. */
export function warmUpCut(samples: readonly number[]): number {
  const batches = Array.from({ length: Math.floor(samples.length / BATCH) }, (_, i) => mean(samples.slice(BATCH * i, BATCH * (i + 1))));
  const errors = squaredErrors(batches).slice(0, Math.floor(batches.length / 2) + 1);
  const best = errors.reduce((least, error, cut) => (error < errors[least]! ? cut : least), 0);
  return BATCH * best;
}

/** By cut, of the mean of what follows it; sums from the end, one pass. */
function squaredErrors(batches: readonly number[]): number[] {
  const errors: number[] = Array.from({ length: batches.length });
  let [count, average, squares] = [0, 0, 0];
  for (let cut = batches.length - 1; cut >= 0; cut--) {
    count++;
    const step = batches[cut]! - average;
    average += step / count;
    squares += step * (batches[cut]! - average);
    errors[cut] = squares / (count * count);
  }
  return errors;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
