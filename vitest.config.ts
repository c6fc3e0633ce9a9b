import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'bench/peers/src/**/*.test.js'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: end-to-end tests start workers of their own.
    maxWorkers: 2,
    // Files of one worker share what they import: loading it anew for each of 140 files took a minute. No test may change what a module holds.
    isolate: false,
  },
});
