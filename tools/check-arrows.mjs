// Imports go one way: cli -> engine-builder | runtime | bench -> text -> protocol, never sideways, never up. A package may import what
// this table and its package.json name, and only by package name. `--self-test` shows that the rule can fail.
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

function checkTree() {
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
  ];
  return seeded.every((problems) => problems.length === 1);
}

if (!selfTest()) {
  console.error('tools/check-arrows.mjs does not see the arrows that it was given to refuse');
  process.exit(1);
}
const { problems, files } = checkTree();
for (const problem of problems) console.error(problem);
console.log(`${files} files, ${problems.length} wrong arrows`);
process.exit(problems.length === 0 && files > 0 ? 0 : 1);
