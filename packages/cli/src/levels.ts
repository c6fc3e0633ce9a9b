// Levels of a load in a flag: single, in a list, or a range with a step or a factor. `1,4,16`, `1-9:2`, `1-64:x2`, and all of them mixed.
import { badFlag, finite } from './numbers.js';

const RANGE = /^(\d+\.?\d*)-(\d+\.?\d*):(x?)(\d+\.?\d*)$/;
const MOST_LEVELS = 1000;

/** `inf` is Infinity. A range ends at its last level that is not above its end. */
export function levels(text: string, flag: string): number[] {
  const all = text.split(',').flatMap((piece) => levelsOf(piece.trim(), flag));
  if (all.length > MOST_LEVELS) throw badFlag(`${flag} ${text}: expected at most ${MOST_LEVELS} levels, found ${all.length}`);
  return all;
}

/** The same where only one is of use. */
export function oneLevel(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const all = levels(text, flag);
  if (all.length !== 1) throw badFlag(`${flag} ${text}: expected one level here, found ${all.length}`);
  return all[0];
}

function levelsOf(piece: string, flag: string): number[] {
  if (piece === 'inf') return [Infinity];
  const range = RANGE.exec(piece);
  if (range === null) {
    if (/^[^-:]+[-:]/.test(piece)) throw badFlag(`${flag} ${piece}: expected a range such as 1-9:2 or 1-64:x2`);
    const level = finite(piece, flag);
    if (!(level > 0)) throw badFlag(`${flag} ${piece}: expected a number above 0`);
    return [level];
  }
  const [from, to, step] = [Number(range[1]), Number(range[2]), Number(range[4])];
  const isFactor = range[3] === 'x';
  if (!(from > 0 && to >= from)) throw badFlag(`${flag} ${piece}: expected a range that begins above 0 and does not go down`);
  if (isFactor ? !(step > 1) : !(step > 0)) throw badFlag(`${flag} ${piece}: expected a step above 0 or a factor above 1`);
  const count = Math.floor((isFactor ? Math.log(to / from) / Math.log(step) : (to - from) / step) + 1e-9) + 1;
  if (count > MOST_LEVELS) throw badFlag(`${flag} ${piece}: expected at most ${MOST_LEVELS} levels, found ${count}`);
  return Array.from({ length: count }, (_, i) => Number((isFactor ? from * step ** i : from + step * i).toPrecision(12)));
}
