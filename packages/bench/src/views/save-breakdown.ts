// The two files of --save-request-time-breakdown, named after the result as benchmark_serving names them.
import type { RequestBreakdown } from '../observe/request-breakdown.js';
import { writeJson } from '../report/save-result.js';
import { breakdownContent } from './breakdown-content.js';
import { reportFiles, writeReports } from './write-reports.js';

/** `stem`: path of the result without its ending. */
export function saveBreakdown(stem: string, model: string, { records, requests }: RequestBreakdown): void {
  writeJson(`${stem}-perf_metrics.json`, records);
  if (requests.length > 0) writeReports(reportFiles([`${stem}-perf_metrics-time_diagram.html`], ''), breakdownContent(requests, model));
}
