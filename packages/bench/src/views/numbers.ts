// Numbers as people read them: three digits that count.

/** 1234 -> 1,234; 12.34 -> 12.3; 0.01234 -> 0.0123 */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-';
  const size = Math.abs(value);
  if (size >= 100) return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
  if (size === 0) return '0';
  return value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(size))));
}

/** For axes, where room is short: 12,000 -> 12k. */
export function tickText(value: number): string {
  if (Math.abs(value) >= 10_000) return `${Number((value / 1000).toPrecision(4))}k`;
  return String(Number(value.toPrecision(6)));
}

export function percent(share: number): string {
  return `${share >= 0 ? '+' : ''}${(100 * share).toFixed(2)} %`;
}
