// `print_iter_log`: one line a step of the engine, in the form that TensorRT-LLM prints and people's scripts read.
import type { Stats } from '@trtllm/protocol';

/** Keeps the step before, whose time in the kernels a line tells. */
export class IterationLines {
  #forwardBefore = 'N/A';

  of({ records }: Pick<Stats, 'records'>): string[] {
    return records.map((record) => {
      const line = this.#line(record);
      this.#forwardBefore = milliseconds(record['forwardLatencyMS']);
      return line;
    });
  }

  #line(record: Record<string, unknown>): string {
    const batch = record['inflightBatchingStats'] as Record<string, number>;
    const active = record['numActiveRequests'];
    const states = `{'num_ctx_requests': ${batch['numContextRequests']}, 'num_ctx_tokens': ${batch['numCtxTokens']}, 'num_generation_tokens': ${batch['numGenRequests']}}`;
    return [
      `iter = ${record['iter']}, global_rank = 0, rank = 0, currank_total_requests = ${active}/${active}`,
      `host_step_time = ${milliseconds(record['iterLatencyMS'])}, prev_device_step_time = ${this.#forwardBefore}`,
      `timestamp = ${sortable(String(record['timestamp']))}, num_scheduled_requests: ${batch['numScheduledRequests']}, states = ${states}`,
    ].join(', ');
  }
}

function milliseconds(value: unknown): string {
  return `${Number(value).toFixed(2)}ms`;
}

/** "11-27-2026 23:41:44.533514" -> "2026-11-27 23:41:44" */
function sortable(timestamp: string): string {
  return timestamp.replace(/^(\d\d)-(\d\d)-(\d{4}) (\d\d:\d\d:\d\d).*$/, '$3-$1-$2 $4');
}
