import { expect, it } from 'vitest';
import { rowsOf, tableRows } from './rows.js';
import { WORKLOADS } from './workloads.js';

it('rows are chosen by name, and unknown names refused with the known ones', () => {
  expect(rowsOf({ only: ['8b-decode-x1'], formats: [], isas: [] }).map(({ format }) => format)).toEqual(['int4_wo', 'w4a8']);
  expect(rowsOf({ only: ['decode-x1'], formats: ['bf16'], isas: ['avx2', 'avx512'] }).map(({ isa }) => isa)).toEqual(['avx2', 'avx512']);
  expect(() => rowsOf({ only: ['decode'], formats: [], isas: [] })).toThrow(/unknown workload "decode"; known: prefill-512, /);
});

it('the table has every workload, and slower instruction sets where the machine has them', () => {
  const rows = tableRows(['scalar', 'avx2', 'avx512']);
  expect(new Set(rows.map(({ workload }) => workload.name))).toEqual(new Set(WORKLOADS.map(({ name }) => name)));
  const isasOf = (/** @type {string} */ name) => new Set(rows.filter(({ workload }) => workload.name === name).map(({ isa }) => isa));
  expect(isasOf('decode-x16')).toEqual(new Set(['best', 'avx2']));
  expect(isasOf('decode-x1')).toEqual(new Set(['best']));
  expect(new Set(tableRows(['scalar', 'avx2']).map(({ isa }) => isa))).toEqual(new Set(['best']));
  expect(tableRows(['scalar', 'avx2', 'avx512', 'amx']).length).toBe(rows.length + 10);
});
