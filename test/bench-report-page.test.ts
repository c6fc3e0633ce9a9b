// The HTML report as a browser shows it: a sweep of real runs against a scripted server, looked at by headless Chromium.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPOSITORY, trtllm } from './numerics/command.js';
import { completionsServer, SMALL_LOAD, type Completions } from './support/completions.js';
import { programOf } from './support/programs.js';

const chromium = programOf(['chromium', 'chromium-browser', 'google-chrome'], 'the HTML report in a browser (Debian: apt-get install chromium)');
const folder = mkdtempSync(join(tmpdir(), 'bench-page-'));
const page = join(folder, 'report.html');
const WIDTH = 1280;
const HEIGHT = 2400;
let server: Completions | undefined;

beforeAll(async () => {
  if (chromium === undefined) return;
  server = await completionsServer((n) => n === 20);
  const results = [];
  for (const level of [1, 2, 4]) {
    results.push(join(folder, `c${level}.json`));
    const args = ['bench', '--base-url', server.url, ...SMALL_LOAD, '--num-prompts', String(8 * level), '--max-concurrency', String(level)];
    await execa(join(REPOSITORY, 'bin/trtllm'), [...args, '--save-result', '--result-dir', folder, '--result-filename', `c${level}.json`], { reject: false });
  }
  await trtllm('bench', 'report', ...results, '--output', page);
}, 120_000);
afterAll(() => {
  server?.close();
  rmSync(folder, { recursive: true });
});

/** Runs Chromium without a window on a page; what the page's console said. As root it wants no sandbox. */
async function browse(file: string, ...flags: string[]): Promise<string[]> {
  const flagsOfAll = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', `--user-data-dir=${folder}/profile`, '--hide-scrollbars', '--enable-logging=stderr', `--window-size=${WIDTH},${HEIGHT}`];
  const { stderr } = await execa(chromium!, [...flagsOfAll, ...flags, pathToFileURL(file).href]);
  return stderr.split('\n').filter((line) => /\bCONSOLE\b/.test(line));
}

async function screenshot(...flags: string[]): Promise<{ picture: PNG; console: string[] }> {
  const path = join(folder, 'shot.png');
  const lines = await browse(page, `--screenshot=${path}`, ...flags);
  return { picture: PNG.sync.read(readFileSync(path)), console: lines };
}

const pixel = ({ data, width }: PNG, x: number, y: number): number => data.readUInt32BE(4 * (y * width + x)) >>> 8;

/** Share of pixels in columns [from, to) that are not the background, the first pixel's colour. */
function inked(picture: PNG, from: number, to: number): number {
  let count = 0;
  for (let y = 0; y < picture.height; y++) for (let x = from; x < to; x++) count += pixel(picture, x, y) === pixel(picture, 0, 0) ? 0 : 1;
  return count / (picture.height * (to - from));
}

describe.skipIf(chromium === undefined)('the report in Chromium', () => {
  it.each([
    ['light', 0xffffff, []],
    ['dark', 0x12161c, ['--force-dark-mode']],
  ])('fills 1280 pixels and not more, says nothing on the console, %s', { timeout: 60_000 }, async (_, background, flags) => {
    const { picture, console } = await screenshot(...flags);
    expect(console).toEqual([]);
    expect([picture.width, picture.height]).toEqual([WIDTH, HEIGHT]);
    expect(pixel(picture, 0, 0)).toBe(background);
    // Text and charts on both halves, margins free.
    expect(inked(picture, 40, WIDTH / 2)).toBeGreaterThan(0.01);
    expect(inked(picture, WIDTH / 2, WIDTH - 40)).toBeGreaterThan(0.01);
    expect(inked(picture, WIDTH - 20, WIDTH)).toBe(0);
  });

  it('prints', { timeout: 60_000 }, async () => {
    const pdf = join(folder, 'report.pdf');
    expect(await browse(page, `--print-to-pdf=${pdf}`)).toEqual([]);
    expect(statSync(pdf).size).toBeGreaterThan(20_000);
  });

  it('would show an error of the page, and what its policy forbids', { timeout: 60_000 }, async () => {
    const broken = join(folder, 'broken.html');
    writeFileSync(broken, readFileSync(page, 'utf8').replace('</body>', '<img src="http://127.0.0.1:9/x.png"><script>1</script></body>'));
    expect((await browse(broken, `--screenshot=${join(folder, 'broken.png')}`)).join('\n')).toMatch(/Content Security Policy.*img-src[\s\S]*(script-src|default-src)/);
  });
});
