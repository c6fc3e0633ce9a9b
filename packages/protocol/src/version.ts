// The version of trtllm: every package carries it, and a test (test/version.test.ts) compares it with every package.json. In code, so that
// a bundled program need not look for a file.
export const VERSION = '0.1.0';
