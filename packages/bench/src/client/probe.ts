// The uncounted requests before a run: does the server answer at all, and does it count prompts as we do? A constant
// difference is text that only the server knows (a chat template); a varying one is another tokenizer.
import { TrtllmError } from '@trtllm/protocol';
import type { BenchOptions } from '../bench-options.js';
import { BACKENDS, pathFor } from './backends.js';
import type { PromptWords } from '../plan/prompt-words.js';
import { refusalHint, requestBody } from './request-body.js';
import { seededRandom } from '../plan/seeded-random.js';
import type { StreamClient } from './stream-client.js';
import { monotonicMs } from './timeline.js';

export type Ask = (prompt: string | number[]) => Promise<{ promptTokens: number | undefined }>;

/** Sends one prompt for one token; throws by name where that fails. */
export function askWith(client: StreamClient, options: BenchOptions, model: string): Ask {
  return async (prompt) => {
    const body = requestBody(options, model, { prompt, outputTokens: 1 });
    const path = pathFor(options.endpoint, model);
    const exchange = await client.post({ path, body, form: BACKENDS[options.backend].reply, isStream: options.stream, scheduled: monotonicMs() });
    const { failure, usage } = exchange.reply;
    if (failure !== undefined) {
      const code = failure.outcome === 'connect' ? 'SERVER_UNREACHABLE' : 'BENCH_FAILED_REQUESTS';
      const hint = failure.outcome === 'http' ? refusalHint(options, failure.reason) : '';
      throw new TrtllmError(code, `test request to ${options.baseUrl}${path} failed: ${failure.outcome}: ${failure.reason}${hint}`);
    }
    return { promptTokens: usage.promptTokens };
  };
}

/** Prompt tokens that the server counts beyond what the tokenizer explains; 0 where it does not tell. */
export async function measureOverhead(ask: Ask, words: PromptWords): Promise<number> {
  const short = await excess(ask, words, words.overhead + 4);
  if (short === undefined) return 0;
  const long = await excess(ask, words, words.overhead + 24);
  if (short !== long) {
    throw new TrtllmError(
      'BAD_FLAG',
      `--tokenizer: the server counts ${short} tokens more than it does in a short prompt and ${long} more in a longer one; ` +
        "give the served model's own tokenizer, or send ids with --tokenize-on-client",
    );
  }
  return short;
}

async function excess(ask: Ask, words: PromptWords, numTokens: number): Promise<number | undefined> {
  const prompt = words.exactText(seededRandom(0, 'probe', numTokens), [], numTokens);
  const { promptTokens } = await ask(prompt);
  return promptTokens === undefined ? undefined : promptTokens - numTokens;
}
