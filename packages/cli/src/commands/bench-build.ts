// trtllm bench build: an engine where and as trtllm-bench puts it, for a throughput or latency run after it.
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Flags } from '@oclif/core';
import type { BuildOptions } from '@trtllm/engine-builder';
import { parseEngineManifest, type EngineManifest } from '@trtllm/protocol';
import { BaseCommand } from '../base-command.js';
import { nativeDirectory } from '../native-directory.js';
import { notYetFlags, refuseNotYet, type NotYet } from '../not-yet-flags.js';
import { badFlag } from '../numbers.js';
import { stopSignal } from '../stop-signal.js';

const NOT_YET: NotYet = { 'tp-size': ['1'], 'pp-size': ['1'], revision: [], 'target-input-len': [], 'target-output-len': [] };

/** The reference's names of weight formats that have one here. */
const QFORMATS: Record<string, string> = { W8A16: 'int8_wo', W4A16: 'int4_wo', INT8: 'int8_dyn' };

export default class BenchBuild extends BaseCommand {
  static override summary = 'Compile an engine for the static benchmarks, as trtllm-bench build does';
  static override description = 'Writes WORKSPACE/MODEL/tp_1_pp_1. --max-seq-len, or a dataset whose longest request decides it.';
  static override examples = ['<%= config.bin %> bench build --model my-model --model-path ./checkpoint --workspace /tmp --dataset dataset.jsonl --quantization W8A16'];
  static override flags = {
    model: Flags.string({ char: 'm', required: true, description: 'name of the model, or its checkpoint directory' }),
    'model-path': Flags.string({ description: 'checkpoint directory', helpValue: 'DIR' }),
    workspace: Flags.string({ char: 'w', default: '/tmp', helpValue: 'DIR' }),
    quantization: Flags.option({ char: 'q', options: Object.keys(QFORMATS), description: '8 or 4 bit weights, INT8: with int8 inputs too' })(),
    'max-seq-len': Flags.integer({ min: 1, description: 'prompt and output tokens of one request' }),
    dataset: Flags.string({ description: 'of which the longest request decides --max-seq-len', helpValue: 'FILE', exclusive: ['max-batch-size'] }),
    'max-batch-size': Flags.integer({ min: 1, description: 'with --max-num-tokens', dependsOn: ['max-num-tokens'] }),
    'max-num-tokens': Flags.integer({ min: 1, description: 'with --max-batch-size', dependsOn: ['max-batch-size'] }),
    'no-weights-loading': Flags.boolean({ description: 'synthetic weights' }),
    'trust-remote-code': Flags.boolean({ hidden: true, description: 'accepted; code of a model folder is never run' }),
    force: Flags.boolean({ description: 'replace an existing engine' }),
    ...notYetFlags(NOT_YET),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BenchBuild);
    refuseNotYet('bench build', NOT_YET, flags);
    const checkpoint = flags['model-path'] ?? flags.model;
    const output = join(resolve(flags.workspace), flags['model-path'] === undefined ? basename(checkpoint) : flags.model, 'tp_1_pp_1');
    const options: BuildOptions = {
      ...(flags['no-weights-loading'] ? { config: join(checkpoint, 'config.json'), dummy_weights: true, tokenizer: checkpoint } : { model: checkpoint }),
      model_name: basename(flags.model),
      qformat: flags.quantization && QFORMATS[flags.quantization],
      max_seq_len: flags['max-seq-len'] ?? (await longestOf(flags.dataset, checkpoint)),
      max_batch_size: flags['max-batch-size'],
      max_num_tokens: flags['max-num-tokens'],
      nativeDirectory: nativeDirectory(),
    };
    return this.build(options, output, flags.force);
  }

  private async build(options: BuildOptions, output: string, force: boolean): Promise<unknown> {
    const [{ buildEngine }, { buildTasks }, { pairs, section }] = await Promise.all([import('@trtllm/engine-builder'), import('../build-tasks.js'), import('@trtllm/bench')]);
    const tasks = buildTasks(!this.jsonEnabled());
    const result = await tasks.during(buildEngine({ ...options, output_dir: output, force, onProgress: tasks.onProgress, signal: stopSignal() }));
    const info = pairs([
      ['Model Name', options.model_name!],
      ['Model Path', options.model ?? options.config!],
      ['Workspace Directory', output],
      ['Architecture', result.architecture],
      ['Weights (MB)', (result.weight_bytes / 1e6).toFixed(1)],
    ]);
    const { build_config, pretrained_config } = await readManifest(output);
    const configuration = pairs([
      ['Max Sequence Length', build_config.max_seq_len],
      ['Max Batch Size', build_config.max_batch_size],
      ['Max Num Tokens', build_config.max_num_tokens],
      ['Quantization', pretrained_config.quantization.quant_algo ?? 'None'],
      ['Dtype', pretrained_config.dtype],
    ]);
    this.log(`${section('ENGINE BUILD INFO', info)}\n${section('ENGINE CONFIGURATION DETAILS', configuration)}\nENGINE SAVED: ${output}`);
    return { ...result, engine_dir: output };
  }
}

async function readManifest(engine: string): Promise<EngineManifest> {
  const path = join(engine, 'config.json');
  return parseEngineManifest(await readFile(path, 'utf8'), path);
}

async function longestOf(dataset: string | undefined, checkpoint: string): Promise<number> {
  if (dataset === undefined) throw badFlag('trtllm bench build: give --max-seq-len N, or --dataset FILE, whose longest request decides it');
  const [{ readStaticDataset }, { loadTokenizer }] = await Promise.all([import('@trtllm/bench'), import('@trtllm/text')]);
  const tokenizer = await loadTokenizer(checkpoint);
  const requests = await readStaticDataset(dataset, tokenizer && ((text) => tokenizer.encode(text, { addSpecialTokens: true })));
  return requests.reduce((longest, { input_ids, output_tokens }) => Math.max(longest, input_ids.length + output_tokens), 1);
}
