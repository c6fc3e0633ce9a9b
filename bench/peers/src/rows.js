// Which rows a run has: those that flags name, or, without any, the table.
import { FORMATS, ISAS, WORKLOADS } from './workloads.js';

/** @typedef {import('./workloads.js').Workload} Workload */
/** @typedef {import('./workloads.js').Format} Format */
/** @typedef {typeof ISAS[number]} Isa */
/** @typedef {{ workload: Workload, format: Format, isa: Isa }} Row */

const ALL = /** @type {Format[]} */ (Object.keys(FORMATS));

/** What the engine's claims rest on, each workload in the formats that are used for it. @type {{ names: string[], formats: Format[], isas?: Isa[] }[]} */
const TABLE = [
  { names: ['prefill-512', 'decode-x16'], formats: ALL, isas: ['best', 'avx512', 'avx2'] },
  { names: ['decode-x1'], formats: ALL },
  { names: ['decode-x1-ctx1024', 'decode-x32'], formats: ['bf16', 'int8_dyn', 'w4a8'] },
  { names: ['prefill-2048'], formats: ['int8_dyn', 'w4a8'] },
];

/** The fastest of the machine's instruction sets is in the rows `best` already. @param {string[]} machineIsas fastest last @returns {Row[]} */
export function tableRows(machineIsas) {
  const slower = machineIsas.slice(0, -1);
  return WORKLOADS.flatMap((workload) => {
    const { formats, isas = ['best'] } = TABLE.find(({ names }) => names.includes(workload.name)) ?? { formats: ['w4a8'] };
    return rowsOf({ only: [workload.name], formats, isas: isas.filter((isa) => isa === 'best' || slower.includes(isa)) });
  });
}

/**
 * @param {{ only: string[], formats: string[], isas: string[] }} wanted each empty for all; instruction sets: `best` alone
 * @returns {Row[]}
 */
export function rowsOf({ only, formats, isas }) {
  refuseUnknown('workload', only, WORKLOADS.map(({ name }) => name));
  refuseUnknown('format', formats, Object.keys(FORMATS));
  refuseUnknown('isa', isas, ISAS);
  const chosen = (isas.length ? isas : ['best']).flatMap((isa) => ISAS.filter((known) => known === isa));
  return WORKLOADS.filter(({ name }) => !only.length || only.includes(name)).flatMap((workload) =>
    ALL.filter((format) => (!formats.length || formats.includes(format)) && (workload.bits ?? [16, 8, 4]).includes(FORMATS[format].bits)).flatMap((format) =>
      chosen.map((isa) => ({ workload, format, isa })),
    ),
  );
}

/** @param {string} what @param {string[]} given @param {readonly string[]} known */
function refuseUnknown(what, given, known) {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`unknown ${what} "${unknown}"; known: ${known.join(', ')}`);
}
