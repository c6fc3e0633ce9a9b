// What every command shares: --json, error codes as exit codes, and the quiet rule (progress goes to stderr, and only to a terminal).
import { Command, Flags } from '@oclif/core';
import { TrtllmError } from '@trtllm/protocol';
import { parseError } from './parse-errors.js';

export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;

  static override baseFlags = {
    'log-level': Flags.option({
      options: ['internal_error', 'error', 'warning', 'info', 'verbose', 'debug', 'trace'] as const,
      default: 'info' as const,
      description: 'how much to log on stderr',
      helpGroup: 'GLOBAL',
    })(),
  };

  /** One line for people, on stderr so that stdout stays the command's result. */
  protected note(line: string): void {
    if (!this.jsonEnabled()) process.stderr.write(`${line}\n`);
  }

  protected override toErrorJson(error: unknown): unknown {
    if (error instanceof TrtllmError) return { error: { code: error.code, message: error.message } };
    return { error: { code: 'BAD_FLAG', message: (error as Error).message } };
  }

  protected override async catch(thrown: Error & { exitCode?: number }): Promise<unknown> {
    const shown = Object.entries(this.ctor.flags).flatMap(([name, { hidden }]) => (hidden ? [] : [name]));
    const error = parseError(thrown, this.id?.replaceAll(':', ' ') ?? '', [...shown, 'help']) ?? thrown;
    if (!(error instanceof TrtllmError)) return super.catch(error);
    if (this.jsonEnabled()) this.logJson(this.toErrorJson(error));
    else process.stderr.write(`error: ${error.message} [${error.code}]\n`);
    return this.exit(error.exitCode);
  }
}
