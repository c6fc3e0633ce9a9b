// KEY=VALUE words of a flag.
import { badFlag } from './numbers.js';

export function pairs(given: string[] | undefined, separator: string, flag: string): [string, string][] {
  return (given ?? []).map((pair) => {
    const at = pair.indexOf(separator);
    if (at < 1) throw badFlag(`${flag} ${pair}: expected KEY${separator}VALUE`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
}
