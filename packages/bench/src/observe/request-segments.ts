// Where the time to the first token goes at a TensorRT-LLM server, request by request: its time stamps (/perf_metrics) -> segments.
import { z } from 'zod';
import { distributionOf, type Distribution } from '../statistics/distribution.js';

export interface SegmentKind {
  name: string;
  title: string;
  /** Stamps that it lies between. */
  from: string;
  to: string;
}

/** In order of time, names as in TensorRT-LLM's time_breakdown. `gen` and `disagg` are told by disaggregated servers only. */
export const SEGMENTS: readonly SegmentKind[] = [
  { name: 'disagg_preprocessing', title: 'front end, before', from: 'disagg_server_arrival_time', to: 'ctx_server_arrival_time' },
  { name: 'ctx_preprocessing', title: 'context: preprocessing', from: 'ctx_server_arrival_time', to: 'ctx_arrival_time' },
  { name: 'ctx_queue', title: 'context: queue', from: 'ctx_arrival_time', to: 'ctx_first_scheduled_time' },
  { name: 'ctx_processing', title: 'context: processing', from: 'ctx_first_scheduled_time', to: 'ctx_first_token_time' },
  { name: 'ctx_postprocessing', title: 'context: postprocessing', from: 'ctx_first_token_time', to: 'ctx_server_first_token_time' },
  { name: 'gen_preprocessing', title: 'generation: preprocessing', from: 'gen_server_arrival_time', to: 'gen_arrival_time' },
  { name: 'gen_queue', title: 'generation: queue, KV transfer', from: 'gen_arrival_time', to: 'gen_first_scheduled_time' },
  { name: 'gen_postprocessing', title: 'generation: first token', from: 'gen_first_scheduled_time', to: 'gen_server_first_token_time' },
  { name: 'disagg_postprocessing', title: 'front end, after', from: 'gen_server_first_token_time', to: 'disagg_server_first_token_time' },
];

export interface RequestSegments {
  requestId: number;
  /** Seconds of the server's clock; 0 where it is not told. */
  arrival: number;
  /** ms, one for each of SEGMENTS; undefined where an end of it is not told. */
  ms: (number | undefined)[];
}

const stamps = z.record(z.string(), z.unknown()).transform((all) => Object.entries(all).filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] > 0));
const timed = z.looseObject({ request_id: z.number().optional(), perf_metrics: z.looseObject({ timing_metrics: stamps }) });
const front = z.number().optional().catch(undefined);
const split = z.looseObject({ ctx_perf_metrics: timed, gen_perf_metrics: timed, disagg_server_arrival_time: front, disagg_server_first_token_time: front });

/** Undefined where a record has no times. */
export function segmentsOf(record: unknown): RequestSegments | undefined {
  const [one, both] = [timed.safeParse(record).data, split.safeParse(record).data];
  const context = both?.ctx_perf_metrics ?? one;
  if (context === undefined) return undefined;
  const named = (prefix: string, told: z.infer<typeof timed> | undefined): [string, number][] => (told?.perf_metrics.timing_metrics ?? []).map(([name, at]) => [`${prefix}_${name}`, at]);
  const at = new Map<string, number | undefined>([...named('ctx', context), ...named('gen', both?.gen_perf_metrics)]);
  for (const name of ['disagg_server_arrival_time', 'disagg_server_first_token_time'] as const) at.set(name, both?.[name] || undefined);
  const ms = SEGMENTS.map(({ from, to }) => {
    const [start, end] = [at.get(from), at.get(to)];
    return start === undefined || end === undefined ? undefined : Math.max(0, 1000 * (end - start));
  });
  if (ms.every((length) => length === undefined)) return undefined;
  const arrival = at.get('disagg_server_arrival_time') ?? at.get('ctx_server_arrival_time') ?? at.get('ctx_arrival_time') ?? 0;
  return { requestId: context.request_id ?? 0, arrival, ms };
}

export const totalMs = ({ ms }: RequestSegments): number => ms.reduce<number>((sum, length) => sum + (length ?? 0), 0);

const PERCENTS = [50, 90, 99];

/** Of each segment that some request has, and of their sum. */
export function segmentDistributions(requests: readonly RequestSegments[]): { name: string; title: string; distribution: Distribution }[] {
  const rows = SEGMENTS.map((kind, i) => ({ ...kind, samples: requests.flatMap(({ ms }) => ms[i] ?? []) }));
  const total = { name: 'total', title: 'together', samples: requests.map(totalMs) };
  return [...rows, total].flatMap(({ name, title, samples }) => {
    const distribution = distributionOf(samples, PERCENTS);
    return distribution === undefined ? [] : [{ name, title, distribution }];
  });
}
