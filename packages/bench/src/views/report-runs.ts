// Fresh results -> report files: the same view as of stored ones.
import type { BenchReport } from '../report/bench-report.js';
import { reportJson } from '../report/report-json.js';
import { requestsOfRecords, type RequestView } from './request-view.js';
import { runView, type RunView } from './run-view.js';
import { runsContent } from './runs-content.js';
import { writeReports, type ReportFile } from './write-reports.js';

export interface FreshRun {
  /** A `--type`; '' or left out: none. */
  type?: string | undefined;
  label: string;
  report: BenchReport;
}

/** A stored one among them. */
export interface ReadRun {
  label: string;
  json: unknown;
  requests: RequestView[] | undefined;
}

export function reportRuns(files: readonly ReportFile[], runs: readonly (FreshRun | ReadRun)[]): void {
  const [first, ...others] = files.length === 0 ? [] : runs.map(viewOf);
  if (first) writeReports(files, runsContent([first, ...others]));
}

function viewOf(run: FreshRun | ReadRun): RunView {
  if ('json' in run) return runView(run.json, { label: run.label }, run.label, run.requests);
  const { type, label, report } = run;
  return runView(reportJson(report), { label, group: type }, label, requestsOfRecords(report.records));
}
