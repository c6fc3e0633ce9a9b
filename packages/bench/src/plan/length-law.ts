// Laws of prompt and answer lengths, in tokens: fixed, uniform, two forms of a ratio, normal, lognormal, a file of counts.
import { TrtllmError } from '@trtllm/protocol';
import { readRows } from './data-file.js';
import { normal, pickWeighted, type SeededRandom } from './seeded-random.js';

export interface LengthLaw {
  /** For reports. */
  words: string;
  /** Whole, 1 or more. */
  draw(random: SeededRandom): number;
}

const FORMS = 'L, uniform:LOW,HIGH, ratio:L,R, floor:L,R, normal:MEAN,SD, lognormal:MEDIAN,SIGMA or histogram:FILE';

/** Within a share r of L on both sides, ends included: benchmark_serving's and vLLM's form. */
export function ratioLaw(length: number, ratio: number): LengthLaw {
  return uniformLaw(Math.floor(length * (1 - ratio)), Math.ceil(length * (1 + ratio)));
}

/** From a share r of L up to L: SGLang's and InferenceX' form. */
function floorLaw(length: number, ratio: number): LengthLaw {
  return uniformLaw(Math.floor(length * ratio), length);
}

function uniformLaw(low: number, high: number): LengthLaw {
  const least = Math.max(1, low);
  return { words: least === high ? `${high}` : `uniform from ${least} to ${high}`, draw: (random) => random.integer(least, high) };
}

/** `text` as given to a flag; see FORMS. */
export async function parseLengthLaw(text: string, flag: string): Promise<LengthLaw> {
  const [name, rest = ''] = text.includes(':') ? [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)] : ['fixed', text];
  if (name === 'histogram' && rest !== '') return histogramLaw(rest);
  const numbers = rest.split(',').map(Number);
  const law = rest !== '' && numbers.every(Number.isFinite) ? lawOf(name, numbers) : undefined;
  if (law === undefined) throw new TrtllmError('BAD_FLAG', `--${flag} ${text}: expected ${FORMS}`);
  return law;
}

function lawOf(name: string, numbers: readonly number[]): LengthLaw | undefined {
  const [a, b] = numbers as [number, number];
  const isLength = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;
  if (name === 'fixed') return numbers.length === 1 && isLength(a) ? uniformLaw(a, a) : undefined;
  if (numbers.length !== 2) return undefined;
  if (name === 'uniform') return isLength(a) && isLength(b) && a <= b ? uniformLaw(a, b) : undefined;
  if (name === 'ratio') return isLength(a) && b >= 0 && b < 1 ? ratioLaw(a, b) : undefined;
  if (name === 'floor') return isLength(a) && b >= 0 && b <= 1 ? floorLaw(a, b) : undefined;
  if (!(a > 0 && b >= 0)) return undefined;
  const atLeastOne = (value: number): number => Math.max(1, Math.round(value));
  if (name === 'normal') return { words: `normal, mean ${a}, standard deviation ${b}`, draw: (random) => atLeastOne(a + b * normal(random)) };
  if (name === 'lognormal') return { words: `lognormal, median ${a}, sigma ${b}`, draw: (random) => atLeastOne(a * Math.exp(b * normal(random))) };
  return undefined;
}

/** Columns `length` and `count`. */
async function histogramLaw(path: string): Promise<LengthLaw> {
  const rows = await readRows(path, ['length', 'count']);
  const lengths = rows.map((row) => row.whole('length', 1));
  const counts = rows.map((row) => row.whole('count', 0));
  if (!counts.some((count) => count > 0)) throw new TrtllmError('BAD_FLAG', `${path}: expected lengths with counts above 0, found none`);
  return { words: `as in ${path}`, draw: (random) => lengths[pickWeighted(random, counts)]! };
}
