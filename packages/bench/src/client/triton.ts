// Triton's generate and generate_stream: one flat JSON object there, one back or one an event. A key that names no input of the model is
// ignored, so both spellings go out: the ensemble's (max_tokens, stream) and that of the model over the LLM API (sampling_param_...).
import type { Asked, BodyOptions } from './backends.js';
import { errorText, type ChunkFacts } from './chunk-facts.js';
import type { ReplyForm } from './reply-form.js';

export function tritonFields({ sampling, stream, ignoreEos }: BodyOptions, _model: string, { prompt, outputTokens }: Asked): Record<string, unknown> {
  return {
    text_input: prompt,
    max_tokens: outputTokens,
    sampling_param_max_tokens: outputTokens,
    stream,
    streaming: stream,
    exclude_input_in_output: true,
    sampling_param_exclude_input_from_output: true,
    return_num_input_tokens: true,
    // In a stream nobody says whether it counts the event or all so far.
    ...(stream ? {} : { return_num_output_tokens: true }),
    ...(ignoreEos ? { min_tokens: outputTokens } : {}),
    ...sampling,
    ...Object.fromEntries(Object.entries(sampling).map(([name, value]) => [`sampling_param_${name}`, value])),
  };
}

export const TRITON_REPLY: ReplyForm = { read: readTriton, hasEndMark: false, textsAdded };

function readTriton(json: string): ChunkFacts {
  const payload: unknown = JSON.parse(json);
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) throw new SyntaxError('not a JSON object');
  const fields = payload as Record<string, unknown>;
  if (fields.error != null) return { text: '', numTold: 0, hasChoices: false, error: errorText(fields.error) };
  return {
    text: textOf(fields.text_output),
    numTold: 0,
    hasChoices: 'text_output' in fields,
    finishReason: typeof fields.finish_reason === 'string' && fields.finish_reason !== 'None' ? fields.finish_reason : undefined,
    usage: { promptTokens: countOf(fields.num_input_tokens), completionTokens: countOf(fields.num_output_tokens) },
  };
}

/** One element is a string, several are an array. */
function textOf(output: unknown): string {
  if (Array.isArray(output)) return output.filter((text) => typeof text === 'string').join('');
  return typeof output === 'string' ? output : '';
}

/** Optional outputs of Python models come as strings. */
function countOf(value: unknown): number | undefined {
  if (typeof value !== 'number' && (typeof value !== 'string' || value === '')) return undefined;
  const count = Number(value);
  return Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

/** Some models send what is new, others all text so far: then each begins with the one before, and the last is longer than the first. */
function textsAdded(texts: readonly string[]): string[] {
  const isCumulative = texts.length > 1 && texts.at(-1)!.length > texts[0]!.length && texts.every((text, i) => i === 0 || text.startsWith(texts[i - 1]!));
  return texts.map((text, i) => (isCumulative && i > 0 ? text.slice(texts[i - 1]!.length) : text));
}
