// The command: rows chosen by flags, run one after another, table and JSON at the end. Progress goes to stderr in a terminal.
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { rowsOf, tableRows } from './rows.js';
import { machineIsas, runRow } from './run-row.js';
import { formatTable } from './table.js';

const USAGE = `pnpm bench:peers [--only WORKLOAD]... [--format bf16|int8_wo|int8_dyn|int4_wo|w4a8]... [--isa best|amx|avx512|avx2]...
  without any of these: the table, each workload in the formats that are used for it
  --all          every workload in every format
  --rounds N     turns of each side a row (default 3)
  --threads N    of both sides (default: 2, or the one core there is)
  --json FILE    one object a row
  --peer-url URL an OpenAI server to measure beside ours in the serving rows
  --list         the rows, without running them`;

export async function main() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      format: { type: 'string', multiple: true, default: [] },
      isa: { type: 'string', multiple: true, default: [] },
      all: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '3' },
      threads: { type: 'string', default: String(Math.min(2, availableParallelism())) },
      json: { type: 'string' },
      'peer-url': { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return print(USAGE);
  const isTable = !values.all && ![values.only, values.format, values.isa].some(({ length }) => length);
  const rows = isTable ? tableRows(await machineIsas()) : rowsOf({ only: values.only, formats: values.format, isas: values.isa });
  if (values.list) return print(rows.map(({ workload, format, isa }) => `${workload.name} ${format} ${isa}`).join('\n'));
  const settings = { rounds: countOf('--rounds', values.rounds), threads: countOf('--threads', values.threads), peerUrl: values['peer-url'] };

  const results = [];
  for (const [index, row] of rows.entries()) {
    const title = `[${index + 1}/${rows.length}] ${row.workload.name} ${row.format} ${row.isa}`;
    results.push(await runRow(row, { ...settings, onProgress: (text) => showProgress(`${title}: ${text}`) }));
    // After every row: a long run that is cut off keeps what it has.
    if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
  }
  showProgress('');
  print(formatTable(results));
}

/** @param {string} flag @param {string} text */
function countOf(flag, text) {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new Error(`${flag}: a whole number of at least 1 expected, found "${text}"`);
  return count;
}

/** @param {string} text */
function showProgress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** @param {string} text */
function print(text) {
  process.stdout.write(`${text}\n`);
}
