// Intervals of percentiles by order statistics: no assumption on the distribution (Conover, Practical Nonparametric Statistics, 3.2).

/** 1-based ranks of the sorted samples between which the percentile lies; undefined where no sample bounds it on that side. */
export interface Ranks {
  lower: number | undefined;
  upper: number | undefined;
  /** In [0, 1): how far the bounds may move towards each other, in ranks, until each tail is alpha / 2 and not less (Beran and Hall 1993). */
  slack: { lower: number; upper: number };
}

/**
 * With B ~ Bin(n, p): lower is the largest l with P(B <= l - 1) <= alpha / 2, upper the smallest u with P(B <= u - 1) >= 1 - alpha / 2.
 * `percent` in (0, 100); n independent samples.
 */
export function percentileRanks(n: number, percent: number, alpha = 0.05): Ranks {
  const ranks: Ranks = { lower: undefined, upper: undefined, slack: { lower: 0, upper: 0 } };
  const p = percent / 100;
  const odds = Math.log(p / (1 - p));
  let logMass = n * Math.log1p(-p);
  let cumulative = 0;
  for (let count = 0; count < n; ++count) {
    const mass = Math.exp(logMass);
    const before = cumulative;
    cumulative += mass;
    if (cumulative <= alpha / 2) ranks.lower = count + 1;
    else if (before <= alpha / 2) ranks.slack.lower = (alpha / 2 - before) / mass;
    if (cumulative >= 1 - alpha / 2) return { ...ranks, upper: count + 1, slack: { lower: ranks.slack.lower, upper: (cumulative - 1 + alpha / 2) / mass } };
    logMass += Math.log((n - count) / (count + 1)) + odds;
  }
  return ranks;
}
