// messages -> prompt text. Templates render in a thread of their own: one that loops or eats memory ends there, and costs one request.
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { TrtllmError } from '@trtllm/protocol';
import type { RenderJob, RenderResult } from './chat-template-worker.js';
import type { Tokenizer } from './tokenizer.js';

export interface ChatTemplateOptions {
  addGenerationPrompt: boolean;
  tools?: unknown;
  documents?: unknown;
  /** Variables of the template; they cannot replace the ones above. */
  kwargs?: Readonly<Record<string, unknown>> | undefined;
}

const TIME_LIMIT_MS = 1_000;
const MAX_OUTPUT_CHARACTERS = 1 << 20;
const MAX_MEMORY_MB = 256;

/** Throws REQUEST_INVALID with the template's own words where it raises, and for templates past their limits. */
export async function renderChatTemplate(
  tokenizer: Pick<Tokenizer, 'chatTemplate' | 'bosToken' | 'eosToken'>,
  messages: readonly unknown[],
  options: ChatTemplateOptions,
): Promise<string> {
  if (tokenizer.chatTemplate === undefined)
    throw new TrtllmError('REQUEST_INVALID', 'this model has no chat template; use /v1/completions, or put chat_template.jinja into the checkpoint and build again');
  const variables = {
    ...options.kwargs,
    messages,
    add_generation_prompt: options.addGenerationPrompt,
    bos_token: tokenizer.bosToken ?? '',
    eos_token: tokenizer.eosToken ?? '',
    // Defined and None where absent, as transformers' apply_chat_template gives them: templates test `tools is not none`.
    tools: options.tools ?? null,
    documents: options.documents ?? null,
  };
  const text = await renderer().render(tokenizer.chatTemplate, variables);
  if (text.length > MAX_OUTPUT_CHARACTERS) throw refused(`the chat template gave ${text.length} characters, at most ${MAX_OUTPUT_CHARACTERS} are taken`);
  return text;
}

let current: Renderer | undefined;

function renderer(): Renderer {
  if (!current || current.isDead) current = new Renderer();
  return current;
}

interface Waiting {
  template: string;
  variables: Record<string, unknown>;
  resolve: (text: string) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout | undefined;
}

/** One thread, kept warm; jobs are answered in order. */
class Renderer {
  isDead = false;
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;

  constructor() {
    const file = createRequire(import.meta.url).resolve('@trtllm/text/chat-template-worker');
    // Node's flags of this process (--input-type and the like) are not for the thread.
    this.worker = new Worker(file, { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: MAX_MEMORY_MB } });
    this.worker.unref();
    this.worker.on('message', (result: RenderResult) => this.settle(result));
    this.worker.on('error', (error) => this.die(refused(`the chat template broke its renderer: ${error.message}`)));
    this.worker.on('exit', () => this.die(refused('the chat template ended its renderer')));
  }

  render(template: string, variables: Record<string, unknown>): Promise<string> {
    return new Promise((resolve, reject) => this.take({ template, variables, resolve, reject, timer: undefined }));
  }

  private take(job: Waiting): void {
    const id = this.nextId++;
    // A variable that cannot be copied to the thread throws here, before the job counts.
    this.worker.postMessage({ id, template: job.template, variables: job.variables } satisfies RenderJob);
    this.waiting.set(id, job);
    this.worker.ref();
    if (this.waiting.size === 1) this.watchFirst();
  }

  /** The clock runs for the job that is being rendered, not for those behind it. */
  private watchFirst(): void {
    const first = this.waiting.values().next().value;
    if (first) first.timer = setTimeout(() => this.die(refused(`the chat template took more than ${TIME_LIMIT_MS} ms`)), TIME_LIMIT_MS);
    else this.worker.unref();
  }

  private settle(result: RenderResult): void {
    const job = this.waiting.get(result.id);
    if (!job) return;
    this.waiting.delete(result.id);
    clearTimeout(job.timer);
    if (result.text === undefined) job.reject(refused(`the chat template refused: ${result.error}`));
    else job.resolve(result.text);
    this.watchFirst();
  }

  /** The thread is gone, and the job it was at with it; those behind go to a new thread. */
  private die(reason: TrtllmError): void {
    if (this.isDead) return;
    this.isDead = true;
    void this.worker.terminate();
    const [culprit, ...others] = this.waiting.values();
    this.waiting.clear();
    clearTimeout(culprit?.timer);
    culprit?.reject(reason);
    for (const job of others) renderer().take(job);
  }
}

function refused(message: string): TrtllmError {
  return new TrtllmError('REQUEST_INVALID', message.slice(0, 500));
}
