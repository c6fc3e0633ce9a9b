// When requests are sent: a rate, a ramp or steps of rates, or the times of a trace.
import { TrtllmError } from '@trtllm/protocol';
import { refuse } from '../check-option.js';

/** A stretch of time with one rate. */
export interface RateStep {
  /** Requests a second. */
  rate: number;
  seconds: number;
}

export interface ArrivalOptions {
  readonly seed: number;
  /** Requests a second; Infinity: all due at once, then only the concurrency limit holds them back. */
  readonly requestRate: number;
  /** Gamma shape b of the gaps (squared coefficient of variation 1/b): 1 Poisson, below burstier, above more even, Infinity constant. */
  readonly burstiness: number;
  /** The drawn gaps are stretched so that the last request is due at N / rate, as vLLM does. */
  readonly rescaleArrivals: boolean;
  /** From the start rate to the end rate, which the last request meets. */
  readonly rampUpStrategy?: 'linear' | 'exponential' | undefined;
  readonly rampUpStartRps?: number | undefined;
  readonly rampUpEndRps?: number | undefined;
  /** One after the other; the last goes on. */
  readonly rateSteps?: readonly RateStep[] | undefined;
  /** Requests are due at the times of the data set's trace, divided by this. */
  readonly traceSpeedup?: number | undefined;
}

/** One rate from the first request to the last. */
export function hasSteadyRate({ requestRate, rampUpStrategy, rateSteps, traceSpeedup }: ArrivalOptions): boolean {
  return requestRate !== Infinity && rampUpStrategy === undefined && rateSteps === undefined && traceSpeedup === undefined;
}

const HAVE_TIMES = ['azure', 'mooncake', 'burstgpt'];

/** Azure's and Mooncake's traces are replayed unless another arrival is asked for; of BurstGPT's the lengths are the usual use. */
export function defaultTraceSpeedup(input: { [Name in keyof ArrivalOptions]?: ArrivalOptions[Name] | undefined } & { datasetName?: string | undefined }): number | undefined {
  const isReplay = input.datasetName === 'azure' || input.datasetName === 'mooncake';
  return isReplay && input.requestRate === undefined && input.rampUpStrategy === undefined && input.rateSteps === undefined ? 1 : undefined;
}

export function checkArrivals(options: ArrivalOptions & { datasetName: string; numWarmups: number }): void {
  if (!(options.requestRate > 0)) refuse('request-rate', 'a number > 0 or inf', options.requestRate);
  if (!(options.burstiness > 0)) refuse('burstiness', 'a number > 0', options.burstiness);
  checkRamp(options);
  for (const { rate, seconds } of options.rateSteps ?? []) {
    if (!(rate > 0 && rate < Infinity && seconds > 0)) refuse('rate-steps', 'steps RATE:SECONDS of numbers > 0', `${rate}:${seconds}`);
  }
  const { traceSpeedup, datasetName } = options;
  if (traceSpeedup !== undefined && !(traceSpeedup > 0 && traceSpeedup < Infinity)) refuse('trace-speedup', 'a number > 0', traceSpeedup);
  if (traceSpeedup !== undefined && !HAVE_TIMES.includes(datasetName)) refuse('trace-speedup', `--dataset-name ${HAVE_TIMES.join(' or ')}`, datasetName);
  if (traceSpeedup !== undefined && options.numWarmups > 0) refuse('num-warmups', '0 for a trace that is sent at its own times', options.numWarmups);
  const given = [
    options.requestRate !== Infinity && '--request-rate',
    options.rampUpStrategy !== undefined && '--ramp-up-strategy',
    options.rateSteps !== undefined && '--rate-steps',
    traceSpeedup !== undefined && '--trace-speedup',
  ].filter((flag) => flag !== false);
  if (given.length > 1) throw new TrtllmError('BAD_FLAG', `${given.join(' and ')}: each says when requests are sent; give one of them`);
}

function checkRamp({ rampUpStrategy, rampUpStartRps, rampUpEndRps }: ArrivalOptions): void {
  if (rampUpStrategy === undefined) {
    if (rampUpStartRps !== undefined || rampUpEndRps !== undefined) throw new TrtllmError('BAD_FLAG', '--ramp-up-strategy: needed with --ramp-up-start-rps and --ramp-up-end-rps; give linear or exponential');
    return;
  }
  if (!['linear', 'exponential'].includes(rampUpStrategy)) refuse('ramp-up-strategy', 'linear or exponential', rampUpStrategy);
  if (!(rampUpStartRps! > 0)) refuse('ramp-up-start-rps', 'a number > 0', rampUpStartRps ?? 'none');
  if (!(rampUpEndRps! > 0)) refuse('ramp-up-end-rps', 'a number > 0', rampUpEndRps ?? 'none');
}
