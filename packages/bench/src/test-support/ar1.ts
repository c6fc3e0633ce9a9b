// Samples of a run whose neighbours are alike.
import seedrandom from 'seedrandom';

/** x_i = rho x_(i-1) + noise, each standard normal by itself. */
export function ar1(rho: number, n: number, seed: string): number[] {
  const random = seedrandom(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const values = [normal()];
  while (values.length < n) values.push(rho * values.at(-1)! + Math.sqrt(1 - rho * rho) * normal());
  return values;
}
