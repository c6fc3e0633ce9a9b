// trtllm serve: an engine (or a checkpoint, built first) behind OpenAI endpoints.
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.js';
import { ENGINE_FLAGS, engineOptions } from '../engine-flags.js';
import { notYetFlags, refuseNotYet, type NotYet } from '../not-yet-flags.js';

const NOT_YET: NotYet = {
  'max-beam-width': ['1'],
  'tp-size': ['1'],
  'tensor-parallel-size': ['1'],
  'pp-size': ['1'],
  'pipeline-parallel-size': ['1'],
  'cp-size': ['1'],
  'context-parallel-size': ['1'],
  'ep-size': ['1'],
  'moe-expert-parallel-size': ['1'],
  'cluster-size': ['1'],
  'moe-cluster-parallel-size': ['1'],
  'gpus-per-node': [],
  'num-postprocess-workers': ['0'],
  'custom-tokenizer': [],
  'custom-module-dirs': [],
  revision: [],
  'reasoning-parser': [],
  'tool-parser': [],
  'metadata-server-config-file': [],
  'server-role': [],
  'fail-fast-on-attention-window-too-large': false,
  'otlp-traces-endpoint': [],
  'disagg-cluster-uri': [],
  'media-io-kwargs': [],
  'chat-template': [],
};

export default class Serve extends BaseCommand {
  static override summary = 'Serve an engine or a checkpoint over OpenAI endpoints';
  static override description = `A checkpoint is compiled first, into $TRTLLM_CACHE or ~/.cache/trtllm, once. \`trtllm-serve\` is the same command.
Ctrl-C or SIGTERM lets open requests end (30 s at most); a second one stops at once.`;
  static override examples = ['<%= config.bin %> serve ./engine', '<%= config.bin %> serve ./checkpoint --host 0.0.0.0 --port 8000 --max_batch_size 32'];
  static override enableJsonFlag = false;
  static override args = { model: Args.string({ required: true, description: 'engine or checkpoint directory' }) };
  static override flags = {
    host: Flags.string({ default: 'localhost', description: 'address to listen on' }),
    port: Flags.integer({ default: 8000, min: 0, max: 65535, description: 'port to listen on; 0 takes a free one' }),
    backend: Flags.option({ options: ['pytorch', 'tensorrt', 'trt'] as const, description: 'accepted for the reference tool; there is one backend' })(),
    'served-model-name': Flags.string({ description: "name of the model in requests [default: the checkpoint's]" }),
    'accept-any-model': Flags.boolean({ description: 'answer requests for any model name, as the reference server does' }),
    'max-queue-size': Flags.integer({ min: 1, description: 'waiting requests; beyond, 429 [default: 1000]' }),
    'trust-remote-code': Flags.boolean({ hidden: true, description: 'accepted; code of a model folder is never run' }),
    ...ENGINE_FLAGS,
    ...notYetFlags(NOT_YET),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Serve);
    refuseNotYet('serve', NOT_YET, flags);
    const [{ serve }, { engineFor }] = await Promise.all([import('@trtllm/runtime'), import('../engine-cache.js')]);
    const announce = (line: string): void => this.note(line);
    const engine = await engineFor({ model: args.model, announce });
    const server = await serve(engine, {
      ...engineOptions(flags),
      host: flags.host,
      port: flags.port,
      max_queue_size: flags['max-queue-size'],
      served_model_name: flags['served-model-name'],
      accept_any_model: flags['accept-any-model'],
      model_names: [args.model],
      log: announce,
    });
    process.exitCode = await server.stopped;
  }
}
