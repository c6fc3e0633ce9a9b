// Trials of a build against itself (A/A), a line of JSON each: how noisy this machine is with these settings, so what a comparison can decide,
// and whether it raises false alarms as rarely as it says.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { TrtllmError } from '@trtllm/protocol';
import { z } from 'zod';
import { settleOptions } from '../bench-options.js';
import { clientMachine } from '../report/client-machine.js';
import { configJson, loadJson } from '../report/config-json.js';
import { binomialTail } from '../statistics/binomial-tail.js';
import type { AbInput } from './compare-servers.js';
import type { AbResult } from './interleave.js';

const trial = z.object({
  date: z.string(),
  /** Of another machine, metric or block nothing follows. */
  conditions: z.string(),
  /** Bounds of the test, for its false alarms. */
  test: z.string(),
  verdict: z.enum(['pass', 'fail', 'undecided']),
  pairs: z.int().min(2),
  /** Standard deviation of the pairs' ln ratio. */
  deviation: z.number(),
});
export type AaTrial = z.infer<typeof trial>;

/** What trials must share to be counted together. */
export type AaConditions = Pick<AbInput, 'metric' | 'sequential' | 'block'>;

export function aaTrial(result: AbResult, input: AaConditions, date: Date): AaTrial {
  const { verdict, pairs } = result.first ?? result;
  const mean = pairs.reduce((sum, { difference }) => sum + difference, 0) / pairs.length;
  const squares = pairs.reduce((sum, { difference }) => sum + (difference - mean) ** 2, 0);
  return { date: date.toISOString(), ...conditionsOf(input), verdict, pairs: pairs.length, deviation: Math.sqrt(squares / (pairs.length - 1)) };
}

/** Whatever differs between trials of the same, texts among it, is left out. */
function conditionsOf({ metric, sequential, block }: AaConditions): Pick<AaTrial, 'conditions' | 'test'> {
  const options = settleOptions(block);
  const { base_url: _, seed: __, salt: ___, ...config } = configJson(options);
  return { conditions: JSON.stringify({ machine: clientMachine(), metric, num_prompts: options.numPrompts, ...loadJson(options), ...config }), test: JSON.stringify(sequential) };
}

export function addTrial(path: string, added: AaTrial): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    appendFileSync(path, `${JSON.stringify(added)}\n`);
  } catch (cause) {
    throw new TrtllmError('IO_ERROR', `--aa-store ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** Those of these conditions; none where there is no file yet. */
export function readTrials(path: string, input: AaConditions): AaTrial[] {
  const { conditions } = conditionsOf(input);
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  return lines.flatMap((line, i) => (line.trim() === '' ? [] : [parsed(line, `${path}:${i + 1}`)])).filter((found) => found.conditions === conditions);
}

function parsed(line: string, place: string): AaTrial {
  try {
    return trial.parse(JSON.parse(line));
  } catch (cause) {
    throw new TrtllmError('BAD_FLAG', `--aa-store ${place}: expected a trial as trtllm bench ab --aa writes it`, { cause });
  }
}

export interface Calibration {
  trials: number;
  /** Standard deviation of a pair's ln ratio, pooled over trials. */
  deviation: number;
  /** Smallest loss, as a share, that so many pairs decide. */
  smallestLoss: number;
  /** Pairs that the threshold takes. */
  pairsNeeded: number;
  /** Trials of this very test, and those of them that found a regression. */
  tested: number;
  falseAlarms: number;
  /** More of them than chance allows. */
  isTooAlarming: boolean;
}

/** Standard deviations between no loss and one that is found: alpha 1 %, power 90 %. */
const REACH = 3.6;
/** Of nominal ones: the variance has to be estimated (simulated, tools/simulate-bench-statistics.mjs). */
const ALARMS_PER_ALPHA = 2;
const RARE = 0.05;

/** Undefined without trials. */
export function calibrationOf(trials: readonly AaTrial[], { sequential }: Pick<AbInput, 'sequential'>): Calibration | undefined {
  if (trials.length === 0) return undefined;
  const freedom = trials.reduce((sum, { pairs }) => sum + pairs - 1, 0);
  const deviation = Math.sqrt(trials.reduce((sum, { pairs, deviation: each }) => sum + (pairs - 1) * each ** 2, 0) / freedom);
  const test = JSON.stringify(sequential);
  const tested = trials.filter((one) => one.test === test);
  const falseAlarms = tested.filter(({ verdict }) => verdict === 'fail').length;
  return {
    trials: trials.length,
    deviation,
    smallestLoss: Math.expm1((REACH * deviation) / Math.sqrt(sequential.maxPairs)),
    pairsNeeded: Math.ceil(((REACH * deviation) / Math.log1p(sequential.threshold)) ** 2),
    tested: tested.length,
    falseAlarms,
    isTooAlarming: falseAlarms > 0 && binomialTail(falseAlarms, tested.length, ALARMS_PER_ALPHA * sequential.alpha) < RARE,
  };
}
