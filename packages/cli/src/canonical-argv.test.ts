import { describe, expect, it } from 'vitest';
import { canonicalArgv, hyphenateFlags } from './canonical-argv.js';

describe('flag spelling', () => {
  it('takes underscores in names and leaves values alone', () => {
    expect(hyphenateFlags(['serve', 'my_model', '--max_batch_size', '8_a', '--result_dir=/a_b'])).toEqual([
      'serve',
      'my_model',
      '--max-batch-size',
      '8_a',
      '--result-dir=/a_b',
    ]);
  });

  it('stops at a bare --', () => {
    expect(hyphenateFlags(['--a_b', '--', '--a_b'])).toEqual(['--a-b', '--', '--a_b']);
  });
});

describe('bin aliases', () => {
  it('assume their command', () => {
    expect(canonicalArgv(['m', '--tp_size', '1'], 'serve')).toEqual(['serve', 'm', '--tp-size', '1']);
    expect(canonicalArgv(['serve', 'm'], 'serve')).toEqual(['serve', 'm']);
    expect(canonicalArgv(['serve', 'm'], '')).toEqual(['serve', 'm']);
  });

  it('move the options of trtllm-bench behind its subcommand', () => {
    expect(canonicalArgv(['--model', 'm', '--model_path=/p', 'throughput', '--dataset', 'f'], 'bench')).toEqual(['bench', 'throughput', '--model', 'm', '--model-path=/p', '--dataset', 'f']);
    expect(canonicalArgv(['--model', 'throughput', 'latency'], 'bench')).toEqual(['bench', 'latency', '--model', 'throughput']);
    expect(canonicalArgv(['--model', 'm', '--dataset-type', 'synthetic', '--num-requests', '100'], 'bench')).toEqual(['bench', 'throughput', '--model', 'm', '--dataset-type', 'synthetic', '--num-requests', '100']);
    expect(canonicalArgv(['bench', '-m', 'm', 'build', '-tp', '1'], '')).toEqual(['bench', 'build', '-m', 'm', '--tp-size', '1']);
    expect(canonicalArgv([], '')).toEqual([]);
    expect(canonicalArgv(['--type', 'throughput', '--port', '1'], 'bench')).toEqual(['bench', '--type', 'throughput', '--port', '1']);
  });
});
