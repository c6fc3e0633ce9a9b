// VERSION is in code; every package says the same in its package.json.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '@trtllm/protocol';
import { expect, test } from 'vitest';
import { REPOSITORY } from './numerics/command.js';

test.each(readdirSync(join(REPOSITORY, 'packages')))('package %s is of the version in code', (name) => {
  expect(JSON.parse(readFileSync(join(REPOSITORY, 'packages', name, 'package.json'), 'utf8'))).toMatchObject({ version: VERSION });
});
