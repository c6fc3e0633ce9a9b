import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { intoPlace, writeSynced } from './output-directory.js';
import { temporaryFolder } from './testing/tiny-checkpoint.js';

const folder = temporaryFolder();
const refusal = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) });

describe('output directory', () => {
  it('appears whole, by one rename, in folders made for it or in an empty one', async () => {
    for (const target of [join(folder, 'a/b/engine'), join(folder, 'empty')]) {
      if (target.endsWith('empty')) mkdirSync(target);
      const names = await intoPlace(target, false, 10, async (temporary) => {
        await writeSynced(join(temporary, 'config.json'), '{}');
        return [existsSync(join(target, 'config.json')), temporary];
      });
      expect(names).toEqual([false, `${target}.tmp-${process.pid}`]);
      expect(readdirSync(target)).toEqual(['config.json']);
    }
  });

  it('refuses more bytes than the disc has free before anything is written', async () => {
    const target = join(folder, 'huge');
    const never = () => expect.unreachable('nothing is written');
    await expect(intoPlace(target, false, 2 ** 50, never)).rejects.toEqual(refusal('DISK_FULL', /bytes free, the engine needs 1125899906842624/));
    expect(readdirSync(folder).filter((name) => name.startsWith('huge'))).toEqual([]);
  });

  it('a disc that fills up on the way says how much was needed; the temporary folder goes', async () => {
    const target = join(folder, 'full');
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    await expect(intoPlace(target, false, 1234, async () => Promise.reject(full))).rejects.toEqual(refusal('DISK_FULL', /needs 1234 bytes/));
    expect(readdirSync(folder).filter((name) => name.startsWith('full'))).toEqual([]);
  });

  it('a target that cannot be written is an IO_ERROR; a file in its place stays', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'x');
    await expect(intoPlace(file, true, 1, async () => undefined)).rejects.toEqual(refusal('OUTPUT_EXISTS', /is a file/));
    await expect(intoPlace(join(file, 'engine'), false, 1, async () => undefined)).rejects.toEqual(refusal('IO_ERROR', /ENOTDIR|EEXIST/));
  });

  it('two builds of one process for one target do not meet', async () => {
    const target = join(folder, 'twice');
    const first = intoPlace(target, false, 1, async (temporary) => writeSynced(join(temporary, 'config.json'), '{}'));
    await expect(intoPlace(target, false, 1, async () => undefined)).rejects.toThrow(/being built by this process/);
    await first;
  });
});
