import { expect, it } from 'vitest';
import { launchCommand } from './launch-command.js';

it('the command line holds what was asked for and nothing else', () => {
  const command = launchCommand(
    { executable: '/x/trtllm-worker', engineDirectory: '/e', threads: 2, kv_fraction: 0.5, enable_block_reuse: false, max_seq_len: undefined },
    '/tmp/s',
  );
  expect(command).toEqual({
    file: '/x/trtllm-worker',
    args: ['--engine', '/e', '--connect', 'unix:/tmp/s', '--threads', '2', '--kv_fraction', '0.5', '--no_block_reuse'],
  });
});
