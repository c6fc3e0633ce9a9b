// Imports go one way: cli -> engine-builder | runtime | bench -> text -> protocol, never sideways, never up. A package may import what
// this table and its package.json name, and only by package name. A native room includes what native/CMakeLists.txt lists for it, rooms
// before it. Some wrong arrows, tried first, show that the rules can fail.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ALLOWED = {
  protocol: [],
  text: ['protocol'],
  'engine-builder': ['protocol'],
  runtime: ['protocol', 'text'],
  bench: ['protocol', 'text'],
  cli: ['protocol', 'text', 'engine-builder', 'runtime', 'bench'],
};
const root = new URL('..', import.meta.url).pathname;

/** Specifiers that a source text imports. */
function importsOf(source) {
  return [...source.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)['"]([^'"]+)['"]/g)].map((match) => match[1]);
}

/** What is wrong with one file's imports; file is relative to packages/NAME/src. */
function violations(name, file, source, dependencies) {
  const problems = [];
  for (const specifier of importsOf(source)) {
    if (specifier.startsWith('@trtllm/') || specifier === 'trtllm') {
      const target = specifier === 'trtllm' ? 'cli' : specifier.split('/')[1];
      if (!ALLOWED[name].includes(target)) problems.push(`packages/${name}/src/${file} imports ${specifier}: ${name} may import ${ALLOWED[name].join(', ') || 'nothing of ours'}`);
      else if (!Object.hasOwn(dependencies, specifier.split('/').slice(0, 2).join('/'))) problems.push(`packages/${name}/src/${file} imports ${specifier}, which its package.json does not list`);
    } else if (specifier.startsWith('.')) {
      const depth = file.split('/').length - 1;
      const ups = specifier.split('/').filter((part) => part === '..').length;
      if (ups > depth) problems.push(`packages/${name}/src/${file} imports ${specifier}: outside its package`);
    }
  }
  return problems;
}

/** What is wrong with the includes of one file of a native room; `below` has the rooms that it may include. */
function roomViolations(room, file, source, below) {
  return [...source.matchAll(/^#include "([a-z_]+)\//gm)]
    .filter(([, target]) => target !== room && !below.includes(target))
    .map(([, target]) => `native/src/${room}/${file} includes ${target}/: native/CMakeLists.txt lists ${below.join(', ') || 'nothing'} for ${room}`);
}

/** room(NAME BELOW...) of native/CMakeLists.txt; a room may name only those before it. */
function nativeRooms(cmake) {
  return Object.fromEntries([...cmake.matchAll(/^room\(([a-z_ ]+)\)$/gm)].map(([, words]) => words.split(' ')).map(([room, ...below]) => [room, below]));
}

function checkRooms() {
  const rooms = nativeRooms(readFileSync(join(root, 'native/CMakeLists.txt'), 'utf8')), names = Object.keys(rooms);
  const problems = names.flatMap((room, i) => rooms[room].filter((below) => names.indexOf(below) >= i || !names.includes(below)).map((below) => `native/CMakeLists.txt: ${room} lists ${below}, which does not stand before it`));
  let files = 0;
  for (const room of readdirSync(join(root, 'native/src'))) {
    if (!rooms[room]) problems.push(`native/src/${room} is no room of native/CMakeLists.txt`);
    for (const file of readdirSync(join(root, 'native/src', room), { recursive: true })) {
      if (!/\.(?:cpp|h)$/.test(file)) continue;
      files += 1;
      problems.push(...roomViolations(room, file, readFileSync(join(root, 'native/src', room, file), 'utf8'), rooms[room] ?? []));
    }
  }
  return { problems, files };
}

function checkPackages() {
  const problems = [];
  let files = 0;
  for (const name of readdirSync(join(root, 'packages'))) {
    if (!ALLOWED[name]) problems.push(`packages/${name} is not in the table of tools/check-arrows.mjs`);
    const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
    const source = join(root, 'packages', name, 'src');
    for (const file of readdirSync(source, { recursive: true })) {
      if (!file.endsWith('.ts')) continue;
      files += 1;
      const listed = file.endsWith('.test.ts') ? { ...dependencies, ...devDependencies } : dependencies;
      problems.push(...violations(name, file, readFileSync(join(source, file), 'utf8'), listed));
    }
  }
  return { problems, files };
}

function selfTest() {
  const seeded = [
    violations('bench', 'x.ts', `import { serve } from '@trtllm/runtime';`, { '@trtllm/runtime': '*' }),
    violations('protocol', 'x.ts', `import { a } from '../../text/src/index.js';`, {}),
    violations('runtime', 'x.ts', `import { a } from '@trtllm/text';`, {}),
    roomViolations('ops', 'cpu/x.h', '#pragma once\n#include "program/tactics.h"\n', nativeRooms('room(base)\nroom(ops base)\n').ops),
  ];
  return seeded.every((problems) => problems.length === 1);
}

if (!selfTest()) {
  console.error('tools/check-arrows.mjs does not see the arrows that it was given to refuse');
  process.exit(1);
}
const found = [checkPackages(), checkRooms()];
const problems = found.flatMap((part) => part.problems), files = found.map((part) => part.files);
for (const problem of problems) console.error(problem);
console.log(`${files[0]} files of packages and ${files[1]} of native rooms, ${problems.length} wrong arrows`);
process.exit(problems.length === 0 && files.every((count) => count > 0) ? 0 : 1);
