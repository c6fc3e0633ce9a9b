// trtllm bench agent: sends a share of the load that `trtllm bench --agents` makes on another machine.
import { Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.js';
import { loadgenExecutable } from '../native-directory.js';
import { stopSignal } from '../stop-signal.js';

export default class BenchAgent extends BaseCommand {
  static override summary = 'Send a share of the load of a trtllm bench on another machine';
  static override description = `Waits for \`trtllm bench --agents HOST:PORT\`, which gives it a share of its plan, the URL to send to and the API key
($OPENAI_API_KEY there), unencrypted; times of all agents come into one report. Whoever reaches it can have it send requests: it
listens on 127.0.0.1 unless --host is given, and then wants a --token. Ctrl-C or SIGTERM cancels what is open.`;
  static override examples = ['<%= config.bin %> bench agent --host 10.0.0.2 --port 8400 --token SECRET', 'ssh -L 8400:localhost:8400 other <%= config.bin %> bench agent --port 8400'];
  static override enableJsonFlag = false;
  static override flags = {
    host: Flags.string({ char: 'H', default: '127.0.0.1', description: 'address to listen on' }),
    port: Flags.integer({ char: 'p', default: 8400, min: 0, max: 65535, description: 'port to listen on; 0 takes a free one' }),
    token: Flags.string({ env: 'TRTLLM_AGENT_TOKEN', description: 'what a coordinator must give as --agent-token' }),
    client: Flags.option({ options: ['native', 'node'] as const, description: 'who sends and stamps [default: native where it is built; https goes by node]' })(),
    workers: Flags.integer({ min: 1, default: 1, description: 'threads of the native client' }),
    'keep-cores-awake': Flags.boolean({ default: false, description: 'the native client spins on idle cores, so that none has to wake' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(BenchAgent);
    const { startAgent } = await import('@trtllm/bench');
    const loadgen = loadgenExecutable();
    const client = flags.client ?? (loadgen === undefined ? 'node' : 'native');
    const stop = stopSignal();
    const agent = await startAgent({ ...flags, keepCoresAwake: flags['keep-cores-awake'], client, loadgen, log: (line) => this.note(line) });
    this.note(`agent on ${agent.address}, sends by the ${client} client${flags.token === undefined ? '; no --token: whoever reaches it can have it send' : ''}`);
    await new Promise((resolve) => stop.addEventListener('abort', resolve));
    await agent.close();
  }
}
