// What a terminal shows of a running bench: how far, how fast, and the latencies of the requests that ended last.
import type { BenchProgress, LiveLatencies } from '@trtllm/bench';

const NAMES = { ttft: 'TTFT', tpot: 'TPOT', e2el: 'E2EL' } as const satisfies Record<keyof LiveLatencies, string>;

export function progressText(progress: BenchProgress): string {
  const { phase, done, total } = progress;
  if (phase === 'prompts') return `writing prompts: ${done}${total === Infinity ? '' : ` of ${total}`}`;
  if (phase === 'probe') return 'first request';
  if (phase === 'warm-up') return `warm-up: ${done} requests, ${progress.running} running`;
  return [countsLine(progress), latencyLine(progress.latencies())].filter((line) => line !== '').join('\n');
}

function countsLine({ done, total, failed, running, elapsedS, outputTokensPerS, etaS }: BenchProgress): string {
  const rate = elapsedS > 0 ? (done / elapsedS).toFixed(1) : '0.0';
  const left = etaS === undefined ? '' : `, ${etaS.toFixed(0)} s left`;
  return `${done} of ${total} requests, ${running} running${failed > 0 ? `, ${failed} failed` : ''}, ${rate} req/s, ${outputTokensPerS.toFixed(0)} tok/s${left}`;
}

function latencyLine(latencies: LiveLatencies): string {
  const cells = (Object.keys(NAMES) as (keyof LiveLatencies)[]).flatMap((metric) => {
    const found = latencies[metric];
    return found ? [`${NAMES[metric]} ${ms(found.p50)} / ${found.p99 === undefined ? '–' : ms(found.p99)}`] : [];
  });
  return cells.length === 0 ? '' : `now, p50 / p99 in ms: ${cells.join(', ')}`;
}

/** Three digits. */
function ms(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
