// Figures of a case beside its bars. A bar of time or CPU holds as itself or as twice the floor, whichever is larger.
const FLOORS = ['floor', 'floor-kernel'];

export function printCase(name, bars, results) {
  console.log(`\n${name}`);
  for (const { path, bar } of flatten(bars)) {
    const figure = (client) => path.reduce((value, key) => value?.[key], results[client]);
    const floor = FLOORS.filter((client) => client in results).map(figure).sort((a, b) => a - b)[0];
    const cells = Object.keys(results).map((client) => `${client} ${format(figure(client))}${FLOORS.includes(client) ? '' : holds(path[0], figure(client), bar, floor) ? ' ok' : ' MISSED'}`);
    console.log(`  ${path.join(' ').padEnd(18)} bar ${String(bar).padEnd(8)} ${cells.join('   ')}`);
  }
}

function flatten(bars) {
  return Object.entries(bars).flatMap(([name, bar]) =>
    typeof bar === 'object' && !Array.isArray(bar) ? Object.entries(bar).map(([p, limit]) => ({ path: [name, p], bar: limit })) : [{ path: [name], bar }],
  );
}

function holds(name, figure, bar, floor) {
  if (Array.isArray(bar)) return figure >= bar[0] && figure <= bar[1];
  if (name === 'requestsPerS') return figure >= bar;
  return figure <= (name === 'lostEvents' ? bar : Math.max(bar, 2 * (floor ?? 0)));
}

function format(value) {
  return value >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}
