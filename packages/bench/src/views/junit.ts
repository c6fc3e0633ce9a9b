// JUnit XML, the dialect that GitHub's, GitLab's and Jenkins' readers share: suites, cases, failure | error | skipped.
import type { Check, ReportContent } from './content.js';
import { markup, type Markup } from './markup.js';

export function junit({ title, checks }: Pick<ReportContent, 'title' | 'checks'>): string {
  const suites = [...new Set(checks.map(({ suite }) => suite))].map((name) => suiteXml(name, checks.filter(({ suite }) => suite === name)));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${markup`<testsuites name="${title}" ${totals(checks)}>\n${suites}\n</testsuites>`.text}\n`;
}

function suiteXml(name: string, checks: readonly Check[]): Markup {
  return markup`<testsuite name="${name}" ${totals(checks)}>\n${checks.map(caseXml)}\n</testsuite>`;
}

function totals(checks: readonly Check[]): Markup {
  const count = (outcome: Check['outcome']): number => checks.filter((check) => check.outcome === outcome).length;
  const seconds = checks.reduce((sum, check) => sum + (check.seconds ?? 0), 0);
  return markup`tests="${checks.length}" failures="${count('fail')}" errors="${count('error')}" skipped="${count('skipped')}" time="${seconds.toFixed(3)}"`;
}

const TAGS = { fail: 'failure', error: 'error', skipped: 'skipped' } as const;

function caseXml({ suite, name, outcome, message = '', seconds = 0 }: Check): Markup {
  const head = markup`classname="${suite}" name="${name}" time="${seconds.toFixed(3)}"`;
  if (outcome === 'pass') return markup`<testcase ${head}/>`;
  const [first] = message.split('\n');
  return markup`<testcase ${head}><${TAGS[outcome]} message="${first}">${message}</${TAGS[outcome]}></testcase>`;
}
