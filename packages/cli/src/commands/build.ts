// trtllm build: a checkpoint (or a config and synthetic weights) becomes an engine.
import { Flags } from '@oclif/core';
import type { BuildOptions, BuildRequest } from '@trtllm/engine-builder';
import { BaseCommand } from '../base-command.js';
import { nativeDirectory } from '../native-directory.js';
import { notYetFlags, refuseNotYet, type NotYet } from '../not-yet-flags.js';
import { badFlag } from '../numbers.js';
import { stopSignal } from '../stop-signal.js';

const NOT_YET: NotYet = {
  'max-beam-width': ['1'],
  'max-input-len': [],
  'tp-size': ['1'],
  'pp-size': ['1'],
  'kv-cache-type': ['paged'],
  'tokens-per-block': ['32'],
  'lora-dir': [],
  'speculative-decoding-mode': [],
  'max-draft-len': ['0'],
};
/** Plugins of the GPU library: nothing here depends on them. */
const PLUGINS = ['gemm-plugin', 'gpt-attention-plugin', 'bert-attention-plugin', 'nccl-plugin', 'context-fmha', 'remove-input-padding', 'use-paged-context-fmha', 'use-fused-mlp'];

export default class Build extends BaseCommand {
  static override summary = 'Compile a checkpoint into an engine';
  static override description = `Reads a Hugging Face checkpoint directory (config.json, safetensors, tokenizer files) and writes an engine directory.
\`trtllm-build\` is the same command. --dummy-weights makes an engine of any shape with synthetic weights, for measuring.
Tactics are timed only with a timing cache to read or write; \`trtllm tune\` does it later, on the machine that serves.`;
  static override examples = [
    '<%= config.bin %> build --model ./checkpoint --output_dir ./engine',
    '<%= config.bin %> build --config ./config.json --dummy-weights --output_dir ./engine',
  ];
  static override flags = {
    model: Flags.string({ aliases: ['checkpoint-dir', 'model-dir'], description: 'checkpoint directory', helpValue: 'DIR' }),
    config: Flags.string({ aliases: ['model-config'], description: 'with --dummy-weights: a config.json', helpValue: 'FILE', dependsOn: ['dummy-weights'] }),
    'dummy-weights': Flags.boolean({ description: 'synthetic weights', dependsOn: ['config'] }),
    seed: Flags.integer({ min: 0, description: 'of the synthetic weights [default: 0]', dependsOn: ['dummy-weights'] }),
    tokenizer: Flags.string({ description: 'with --dummy-weights: directory of tokenizer files', helpValue: 'DIR', dependsOn: ['dummy-weights'] }),
    'output-dir': Flags.string({ description: 'engine directory to write', helpValue: 'DIR' }),
    dtype: Flags.option({ options: ['bfloat16', 'float32'] as const, default: 'bfloat16' as const, description: 'arithmetic; float32 is the reference' })(),
    qformat: Flags.option({
      options: ['full_prec', 'int8_wo', 'int8_dyn', 'int4_wo', 'w4a8'] as const,
      description: 'quantized weights: 8 or 4 bit with bf16 inputs (_wo), 8 or 4 bit with int8 inputs (int8_dyn, w4a8)',
    })(),
    'group-size': Flags.integer({ description: 'with a 4-bit qformat: inputs that share a scale, 128, 64 or 32 [default: 128]' }),
    'lm-head-dtype': Flags.option({ options: ['auto', 'bfloat16', 'int8', 'int4'] as const, description: 'with --qformat: the LM head [default: auto, int8]' })(),
    'kv-cache-dtype': Flags.option({ options: ['auto', 'int8'] as const, description: 'how the engine stores its KV cache, unless told otherwise when it starts [default: auto, as dtype]' })(),
    'max-batch-size': Flags.integer({ min: 1, description: 'sequences in one step [default: 64]' }),
    'max-num-tokens': Flags.integer({ min: 1, description: 'tokens in one step [default: 2048]' }),
    'max-seq-len': Flags.integer({ min: 1, description: "prompt and output tokens of one request [default: the model's]" }),
    'dry-run': Flags.boolean({ description: 'print the plan, write nothing' }),
    force: Flags.boolean({ description: 'replace an existing engine' }),
    'allow-nonfinite': Flags.boolean({ description: 'accept NaN and infinite weights' }),
    workers: Flags.integer({ min: 1, description: 'packing threads [default: all cores]' }),
    'input-timing-cache': Flags.string({ description: 'a timing cache; tactics that are not in it (all, if there is no such file) are timed on this machine', helpValue: 'FILE' }),
    'output-timing-cache': Flags.string({ description: 'time tactics on this machine and write them here, beside the timing cache of the engine', helpValue: 'FILE' }),
    ...notYetFlags(NOT_YET),
    ...notYetFlags(Object.fromEntries(PLUGINS.map((name) => [name, []]))),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Build);
    refuseNotYet('build', NOT_YET, flags);
    if ((flags.model === undefined) === (flags.config === undefined)) throw badFlag('trtllm build: give either --model DIR, or --config FILE with --dummy-weights');
    const options: BuildOptions = {
      model: flags.model,
      config: flags.config,
      dummy_weights: flags['dummy-weights'],
      seed: flags.seed,
      tokenizer: flags.tokenizer,
      dtype: flags.dtype,
      qformat: flags.qformat,
      group_size: flags['group-size'],
      lm_head_dtype: flags['lm-head-dtype'],
      kv_cache_dtype: flags['kv-cache-dtype'],
      max_batch_size: flags['max-batch-size'],
      max_num_tokens: flags['max-num-tokens'],
      max_seq_len: flags['max-seq-len'],
      allow_nonfinite: flags['allow-nonfinite'],
      workers: flags.workers,
      nativeDirectory: nativeDirectory(),
    };
    if (flags['dry-run']) return this.dryRun(options);
    return this.build({
      ...options,
      output_dir: flags['output-dir'] ?? 'engine_outputs',
      force: flags.force,
      input_timing_cache: flags['input-timing-cache'],
      output_timing_cache: flags['output-timing-cache'],
    });
  }

  private async dryRun(options: BuildOptions): Promise<unknown> {
    const [{ planEngine }, { planText }] = await Promise.all([import('@trtllm/engine-builder'), import('../plan-text.js')]);
    const plan = await planEngine(options);
    this.log(planText(plan));
    return plan;
  }

  private async build(request: BuildRequest): Promise<unknown> {
    const [{ buildEngine, isTimed }, { buildTasks }, { tacticsText }] = await Promise.all([import('@trtllm/engine-builder'), import('../build-tasks.js'), import('../tactics-text.js')]);
    const tasks = buildTasks(!this.jsonEnabled(), isTimed(request));
    const result = await tasks.during(buildEngine({ ...request, onProgress: tasks.onProgress, signal: stopSignal() }));
    for (const note of result.notes) this.note(`note: ${note}`);
    this.log(`engine written to ${request.output_dir} (${result.architecture}, ${result.dtype}, ${(result.weight_bytes / 1e6).toFixed(1)} MB of weights, ${result.seconds.toFixed(1)} s)`);
    if (result.tactics) this.log(tacticsText(result.tactics));
    return result;
  }
}
