// Fresh results -> report files: the same view as of stored ones.
import type { BenchReport } from '../report/bench-report.js';
import { reportJson } from '../report/report-json.js';
import { requestsOfRecords } from './request-view.js';
import { runView, type RunView } from './run-view.js';
import { runsContent } from './runs-content.js';
import { writeReports, type ReportFile } from './write-reports.js';

export interface FreshRun {
  /** A `--type`; '' or left out: none. */
  type?: string | undefined;
  label: string;
  report: BenchReport;
}

export function reportRuns(files: readonly ReportFile[], fresh: readonly FreshRun[]): void {
  const [first, ...others] = files.length === 0 ? [] : fresh.map(viewOf);
  if (first) writeReports(files, runsContent([first, ...others]));
}

function viewOf({ type, label, report }: FreshRun): RunView {
  return runView(reportJson(report), { label, group: type }, label, requestsOfRecords(report.records));
}
