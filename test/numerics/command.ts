// The command line as users run it, and what its tests share.
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const TRTLLM = `${REPOSITORY}/bin/trtllm`;

/** Runs `trtllm ARGS`; its stdout. Throws with stderr when it fails. */
export async function trtllm(...args: string[]): Promise<string> {
  const { stdout } = await execa(TRTLLM, args, { cwd: REPOSITORY });
  return stdout;
}

export interface GeneratedOutput {
  index: number;
  prompt_token_ids: number[];
  token_ids: number[];
  text: string | null;
  finish_reason: string;
}

/** Greedy `trtllm generate --json` of token ids, one output a prompt. */
export async function generateIds(engine: string, prompts: number[][], maxTokens: number, ...flags: string[]): Promise<GeneratedOutput[]> {
  const stdout = await trtllm('generate', engine, '--input-ids', JSON.stringify(prompts), '--max-tokens', String(maxTokens), '--temperature', '0', '--json', ...flags);
  return (JSON.parse(stdout) as { outputs: GeneratedOutput[] }).outputs;
}
