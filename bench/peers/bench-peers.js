// `pnpm bench:peers`: installs the harness's own packages on first use, then runs it.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
try {
  if (!existsSync(`${here}node_modules/cli-table3`) || !existsSync(`${here}node_modules/@node-llama-cpp`)) installPackages();
  const { main } = await import('./src/main.js');
  await main();
} catch (error) {
  process.stderr.write(`bench:peers: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

function installPackages() {
  process.stderr.write('bench:peers: installing llama.cpp (prebuilt) from the npm registry\n');
  execFileSync('npm', ['ci', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: here, stdio: ['ignore', 2, 2] });
}
