// The clients' figures as a table, and as rows { tool, version, case, bar, figure, limit, load }.
const FLOOR = 'bare loop in C';
const COLUMNS = [
  ['CPU ms/1,000', ['cpuMsPer1000']],
  ['to its end', ['cpuMsPer1000ToExit']],
  ['TTFT µs p50', ['ttftErrorUs', 'p50']],
  ['p99', ['ttftErrorUs', 'p99']],
  ['gap µs p50', ['gapErrorUs', 'p50']],
  ['p99', ['gapErrorUs', 'p99']],
  ['load', ['load']],
];
const BARS = { cpuMsPer1000: 3, ttftErrorUs: 1, gapErrorUs: 1 };
const at = (value, path) => path.reduce((inner, key) => inner?.[key], value);

export function printHead(name) {
  console.log(`\n${name}`);
  printLine('', '', COLUMNS.map(([title]) => title));
}

export function printResult({ tool, version, reason, ...figures }) {
  if (reason !== undefined) console.log(`  ${tool.padEnd(17)}${version.padEnd(8)}not measured: ${reason}`);
  else printLine(tool, version, COLUMNS.map(([, path]) => format(at(figures, path))));
}

function printLine(tool, version, cells) {
  console.log(`  ${tool.padEnd(17)}${version.padEnd(8)}${cells.map((cell) => cell.padStart(13)).join('')}`);
}

function format(value) {
  if (value === undefined) return '–';
  return value >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}

/** A limit is the bar or twice the bare loop's figure of the same measurement, whichever is larger. */
export function rowsOf(name, bars, results) {
  const paths = Object.entries(bars).flatMap(([key, limit]) => (typeof limit === 'number' ? [[[key], limit]] : Object.entries(limit).map(([p, value]) => [[key, p], value])));
  return results.flatMap(({ tool, version, reason, ...figures }) =>
    paths.map(([path, bar]) => {
      const floors = results.filter((result) => result.tool === FLOOR).map((result) => at(result, path) ?? 0);
      const limit = Math.max(bar, 2 * (floors.sort((a, b) => a - b)[0] ?? 0));
      return { tool, version, case: name, bar: `${BARS[path[0]]} ${path.join(' ')}`, figure: at(figures, path) ?? null, limit, load: figures.load, reason };
    }),
  );
}
