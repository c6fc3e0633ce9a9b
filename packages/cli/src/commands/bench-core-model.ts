// trtllm bench core-model: benchmark_core_model.py's command lines, run as `trtllm bench`.
import { Args } from '@oclif/core';
import { BaseCommand } from '../base-command.js';
import { CORE_MODEL_FLAGS, CORE_MODEL_SOURCES, coreModelArgv } from '../core-model-argv.js';
import Bench from './bench.js';

export default class BenchCoreModel extends BaseCommand {
  static override summary = "Measure a Triton server with the command line of tensorrtllm_backend's benchmark_core_model.py";
  static override description = 'The same requests at the same times, by `trtllm bench` and with its report; which command line that is, is said first. Prompts go as text to the model before tensorrt_llm.';
  static override examples = [
    '<%= config.bin %> bench core-model -u localhost:8000 --max-input-len 500 --request-rate 10 dataset --dataset mini_cnn_eval.json --tokenizer-dir ./engine --num-requests 60',
    '<%= config.bin %> bench core-model --max-input-len 300 token-norm-dist --tokenizer-dir ./engine --input-mean 128 --input-stdev 5 --output-mean 20 --output-stdev 2 --num-requests 100',
  ];
  static override args = {
    source: Args.string({ options: [...new Set(CORE_MODEL_SOURCES.flatMap((name) => [name, name.replaceAll('-', '_')]))], required: true, description: 'where requests come from' }),
  };
  static override flags = CORE_MODEL_FLAGS;

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BenchCoreModel);
    const argv = coreModelArgv(CORE_MODEL_SOURCES.find((name) => name === args.source.replaceAll('_', '-'))!, flags);
    this.note(`trtllm bench ${argv.join(' ')}`);
    return Bench.run([...argv, ...(this.jsonEnabled() ? ['--json'] : [])], this.config);
  }
}
