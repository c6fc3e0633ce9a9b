// The server's own profiler, on while a run's requests are sent: POST /start_profile and /stop_profile, as vLLM, SGLang and TensorRT-LLM
// have them.
import { TrtllmError } from '@trtllm/protocol';
import type { HeaderOptions } from '../client/request-headers.js';
import { StreamClient } from '../client/stream-client.js';
import type { Note } from '../report/bench-report.js';

export interface ProfileOptions extends HeaderOptions {
  baseUrl: string;
  timeoutMs: number;
  /** Without it nothing is asked. */
  profile: boolean;
}

export class ServerProfile {
  #runs = false;

  constructor(private readonly options: ProfileOptions) {}

  /** Throws by name where the server has no profiler to start. */
  async begin(): Promise<void> {
    if (!this.options.profile) return;
    const failure = await this.#post('/start_profile');
    if (failure !== undefined) throw new TrtllmError('BAD_FLAG', `--profile: ${this.options.baseUrl}/start_profile: ${failure}; start the server with its profiler on, or leave --profile out`);
    this.#runs = true;
  }

  /** What a reader must know; a profiler that does not stop is told, and costs no result. Asked again, it does nothing. */
  async end(): Promise<Note[]> {
    if (!this.#runs) return [];
    this.#runs = false;
    const failure = await this.#post('/stop_profile');
    const slow: Note = { code: 'profiled', text: "the server's profiler ran beside this run and slowed it; its figures are not to be quoted" };
    return failure === undefined ? [slow] : [slow, { code: 'profile-runs', text: `the server's profiler may still run: ${this.options.baseUrl}/stop_profile: ${failure}` }];
  }

  /** Undefined: done. By a connection of its own: the run's may be cancelled by then, and writing a trace may take minutes. */
  async #post(path: string): Promise<string | undefined> {
    const client = new StreamClient(this.options);
    try {
      const { status } = await client.postJson(path, {});
      return status < 400 ? undefined : `HTTP ${status}`;
    } catch (error) {
      return (error as Error).message || 'no connection';
    } finally {
      await client.close();
    }
  }
}
