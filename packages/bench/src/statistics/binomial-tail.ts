// P(X >= count) for X ~ Bin(n, p).

/** `p` in (0, 1); `count` and `n` whole. */
export function binomialTail(count: number, n: number, p: number): number {
  const odds = Math.log(p / (1 - p));
  let logMass = n * Math.log1p(-p);
  let below = 0;
  for (let k = 0; k < count; k++) {
    below += Math.exp(logMass);
    logMass += Math.log((n - k) / (k + 1)) + odds;
  }
  return Math.max(0, 1 - below);
}
