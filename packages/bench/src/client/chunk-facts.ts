// One payload of an OpenAI reply -> what a benchmark wants to know of it. Reads what any server may send and trusts nothing.

export interface Usage {
  promptTokens?: number | undefined;
  completionTokens?: number | undefined;
  cachedTokens?: number | undefined;
}

export interface ChunkFacts {
  /** All text a reader would see: answer, reasoning, refusal, tool calls. */
  text: string;
  /** All of the text is reasoning, none of it answer. */
  isReasoning?: boolean | undefined;
  /** Tokens in this payload if it tells them by ids or logprobs, else 0. */
  numTold: number;
  hasChoices: boolean;
  finishReason?: string | undefined;
  /** Mean tokens that a step of the server's decoder gave this request so far; above 1 with speculation. */
  tokensPerStep?: number | undefined;
  usage?: Usage | undefined;
  /** The server's own words when the payload is an error. */
  error?: string | undefined;
}

type Json = Record<string, any>;

/** Throws a SyntaxError on what is no JSON object. */
export function readChunk(json: string): ChunkFacts {
  const chunk: unknown = JSON.parse(json);
  if (typeof chunk !== 'object' || chunk === null || Array.isArray(chunk)) throw new SyntaxError('not a JSON object');
  return factsOf(chunk as Json);
}

function factsOf(chunk: Json): ChunkFacts {
  const facts: ChunkFacts = { text: '', numTold: 0, hasChoices: false };
  if (chunk.error != null) facts.error = errorText(chunk.error);
  if (chunk.usage != null) facts.usage = usageOf(chunk.usage);
  if (!Array.isArray(chunk.choices)) return facts;
  for (const choice of chunk.choices) {
    facts.hasChoices = true;
    const { reasoning, answer } = textOf(choice);
    facts.text += reasoning + answer;
    facts.isReasoning = (facts.isReasoning ?? true) && reasoning !== '' && answer === '';
    facts.numTold += numTold(choice);
    if (typeof choice?.finish_reason === 'string') facts.finishReason = choice.finish_reason;
    if (Number.isFinite(choice?.avg_decoded_tokens_per_iter)) facts.tokensPerStep = choice.avg_decoded_tokens_per_iter;
  }
  return facts;
}

/** `{"message": …}`, a bare string, or anything else as JSON. */
export function errorText(error: unknown): string {
  if (typeof error === 'string') return error;
  const message = (error as Json | null)?.message;
  return typeof message === 'string' ? message : JSON.stringify(error);
}

function usageOf(usage: Json): Usage {
  return {
    promptTokens: countOf(usage.prompt_tokens),
    completionTokens: countOf(usage.completion_tokens),
    cachedTokens: countOf(usage.prompt_tokens_details?.cached_tokens),
  };
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function textOf(choice: Json | null): { reasoning: string; answer: string } {
  if (typeof choice?.text === 'string') return { reasoning: '', answer: choice.text };
  const message: Json | undefined = choice?.delta ?? choice?.message;
  if (message === undefined) return { reasoning: '', answer: '' };
  let answer = stringOf(message.content) + stringOf(message.refusal);
  if (Array.isArray(message.tool_calls)) {
    for (const call of message.tool_calls) answer += stringOf(call?.function?.name) + stringOf(call?.function?.arguments);
  }
  return { reasoning: stringOf(message.reasoning_content ?? message.reasoning), answer };
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function numTold(choice: Json | null): number {
  const told = choice?.token_ids ?? choice?.logprobs?.tokens ?? choice?.logprobs?.content;
  return Array.isArray(told) ? told.length : 0;
}
