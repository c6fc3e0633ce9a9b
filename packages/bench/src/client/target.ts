// What is measured: the model's name in requests, and its tokenizer. Where nobody says, the server does (/v1/models: `id`, and `root` as
// vLLM has it), or --model is itself the folder, as with benchmark_serving.
import { TrtllmError } from '@trtllm/protocol';
import { loadTokenizer, type Tokenizer } from '@trtllm/text';
import type { BenchOptions } from '../bench-options.js';
import type { Note } from '../report/bench-report.js';
import { BACKENDS } from './backends.js';
import type { StreamClient } from './stream-client.js';
import { tokenizerFolder } from './tokenizer-folder.js';

export interface Target {
  model: string;
  tokenizer: Tokenizer | undefined;
  tokenizerDir: string | undefined;
  /** Where the tokenizer comes from, unless it was given. */
  notes: Note[];
}

interface ListedModel {
  id: string;
  /** Folder of the model on the server's machine, or its name. */
  root?: string;
}

export async function findTarget(client: StreamClient, options: BenchOptions): Promise<Target> {
  const server = new ModelList(client, options);
  const model = options.model ?? BACKENDS[options.backend].defaultModel ?? (await server.firstId());
  const goesWithout = options.tokenizeOnClient && options.vocabSize !== undefined;
  if (options.tokenizerDir !== undefined) return { model, ...(await givenTokenizer(options.tokenizerDir, goesWithout)), notes: [] };
  if (goesWithout) return { model, tokenizer: undefined, tokenizerDir: undefined, notes: [] };
  const found = (await tokenizerAt(options.model, '--model')) ?? (await tokenizerAt(await server.rootOf(model), `${options.baseUrl}/v1/models`));
  if (found) return { model, ...found };
  throw new TrtllmError(
    'BAD_FLAG',
    '--tokenizer: needed for prompts of exact length, and neither --model nor the server names a folder on this machine that has it; ' +
      'give the directory of the served model (a model without tokenizer is measured with --tokenize-on-client and --vocab-size)',
  );
}

async function givenTokenizer(name: string, goesWithout: boolean): Promise<Pick<Target, 'tokenizer' | 'tokenizerDir'>> {
  const folder = tokenizerFolder(name);
  const tokenizer = folder === undefined ? undefined : await loadTokenizer(folder);
  if (tokenizer !== undefined || goesWithout) return { tokenizer, tokenizerDir: name };
  throw new TrtllmError('BAD_FLAG', `--tokenizer: no tokenizer.json in ${name}; ids go without: --tokenize-on-client --vocab-size N`);
}

async function tokenizerAt(name: string | undefined, source: string): Promise<Omit<Target, 'model'> | undefined> {
  const folder = name === undefined ? undefined : tokenizerFolder(name);
  const tokenizer = folder === undefined ? undefined : await loadTokenizer(folder);
  return tokenizer && { tokenizer, tokenizerDir: folder, notes: [{ code: 'tokenizer', text: `tokenizer of ${folder}, named by ${source}` }] };
}

/** GET /v1/models, asked for when it is needed, and once. */
class ModelList {
  #asked: Promise<{ status: number; models: ListedModel[] }> | undefined;

  constructor(
    private readonly client: StreamClient,
    private readonly options: BenchOptions,
  ) {}

  async firstId(): Promise<string> {
    const { status, models } = await this.#ask();
    if (models[0]) return models[0].id;
    throw new TrtllmError('BAD_FLAG', `--model: ${this.options.baseUrl}/v1/models names none (HTTP ${status}); say which`);
  }

  /** Some servers answer to any name: the only model they have is meant then. */
  async rootOf(id: string): Promise<string | undefined> {
    const { models } = await this.#ask();
    return (models.find((model) => model.id === id) ?? (models.length === 1 ? models[0] : undefined))?.root;
  }

  #ask(): Promise<{ status: number; models: ListedModel[] }> {
    return (this.#asked ??= this.#get());
  }

  async #get(): Promise<{ status: number; models: ListedModel[] }> {
    const { baseUrl } = this.options;
    const { status, body } = await this.client.getJson('/v1/models').catch((cause: Error) => {
      throw new TrtllmError('SERVER_UNREACHABLE', `${baseUrl}: ${cause.message || 'no connection'}; is the server up?`, { cause });
    });
    const listed: unknown = (body as { data?: unknown } | null)?.data;
    return { status, models: Array.isArray(listed) ? listed.flatMap(listedModel) : [] };
  }
}

function listedModel(entry: { id?: unknown; root?: unknown } | null): ListedModel[] {
  if (typeof entry?.id !== 'string') return [];
  return [{ id: entry.id, ...(typeof entry.root === 'string' && { root: entry.root }) }];
}
