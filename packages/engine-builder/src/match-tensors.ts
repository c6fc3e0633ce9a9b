// What the model needs against what the checkpoint has: every tensor is there with its shape, and each is consumed exactly once.
import { TrtllmError, type PlanPart, type SourceDtype } from '@trtllm/protocol';
import type { SectionNeed, TensorNeed } from './decoder-weights.js';
import type { ModelConfig } from './model-config.js';
import type { CheckpointTensor } from './read-checkpoint.js';

const SOURCE_DTYPES: readonly string[] = ['BF16', 'F16', 'F32'] satisfies SourceDtype[];

export interface TensorMatch {
  /** Per section, its parts in order. */
  parts: PlanPart[][];
  /** Sentences on tensors left out. */
  notes: string[];
}

export function matchTensors(needs: readonly SectionNeed[], tensors: ReadonlyMap<string, CheckpointTensor>, config: ModelConfig): TensorMatch {
  const parts = needs.map((section) => section.parts.map((need) => matchOne(need, tensors, config)));
  const used = new Set(needs.flatMap((section) => section.parts.map(({ tensor }) => tensor)));
  const surplus = [...tensors.keys()].filter((name) => !used.has(name)).sort();
  return { parts, notes: explainSurplus(surplus, config) };
}

function matchOne(need: TensorNeed, tensors: ReadonlyMap<string, CheckpointTensor>, config: ModelConfig): PlanPart {
  const found = tensors.get(need.tensor);
  if (!found) throw new TrtllmError('TENSOR_MISSING', missingText(need, tensors, config));
  if (!SOURCE_DTYPES.includes(found.dtype)) throw mismatch(need, found, 'weights are read from BF16, F16 or F32; give an unquantized checkpoint');
  if (found.shape.join() !== need.shape.join()) {
    const isTransposed = found.shape.length === 2 && [...found.shape].reverse().join() === need.shape.join();
    throw mismatch(need, found, isTransposed ? 'it is transposed: linear weights are [outputs, inputs]' : 'config.json is of another model, or the tensor is damaged');
  }
  return {
    source: found.shard,
    tensor: found.name,
    dtype: found.dtype as SourceDtype,
    shape: found.shape,
    offset: found.offset,
    rows: [0, found.shape[0]!],
  };
}

function missingText({ tensor, shape }: TensorNeed, tensors: ReadonlyMap<string, CheckpointTensor>, config: ModelConfig): string {
  const { lm_head, embedding } = config.architecture.tensors;
  const hint = tensor === lm_head && tensors.has(embedding) ? '; if it shares the embedding, set tie_word_embeddings in config.json' : '; the checkpoint is incomplete';
  return `${tensor} [${shape.join(', ')}] is not in the checkpoint, ${config.architecture.name} needs it${hint}`;
}

function mismatch(need: TensorNeed, found: CheckpointTensor, advice: string): TrtllmError {
  return new TrtllmError('TENSOR_MISMATCH', `${need.tensor}: expected [${need.shape.join(', ')}], found ${found.dtype} [${found.shape.join(', ')}]; ${advice}`);
}

/** Known leftovers are noted; a tensor that might matter is refused. */
function explainSurplus(surplus: string[], config: ModelConfig): string[] {
  const { lm_head, embedding } = config.architecture.tensors;
  const frequencies = surplus.filter((name) => name.endsWith('rotary_emb.inv_freq'));
  const isTiedHead = (name: string) => name === lm_head && config.tie_word_embeddings;
  const unknown = surplus.filter((name) => !frequencies.includes(name) && !isTiedHead(name));
  if (unknown.length > 0) {
    const listed = unknown.slice(0, 4).join(', ') + (unknown.length > 4 ? `, and ${unknown.length - 4} more` : '');
    throw new TrtllmError('TENSOR_MISMATCH', `the checkpoint has tensors that ${config.architecture.name} with this config.json has no use for: ${listed}`);
  }
  return [
    ...(frequencies.length > 0 ? [`${frequencies.length} rotary_emb.inv_freq tensors are left out: frequencies follow from config.json`] : []),
    ...(surplus.some(isTiedHead) ? [`${lm_head} is left out: config.json ties it to ${embedding}`] : []),
  ];
}
