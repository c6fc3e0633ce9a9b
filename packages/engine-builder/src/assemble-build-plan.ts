// Checkpoint + options -> build plan, graph and manifest. Pure: same input, same documents; no disc.
import { BUILD_PLAN_VERSION, TrtllmError, type BuildPlan, type EngineManifest, type Graph, type PlanEntry, type PlanPart } from '@trtllm/protocol';
import type { ResolvedOptions } from './build-options.js';
import { decoderGraph } from './decoder-graph.js';
import { decoderWeights, type SectionNeed } from './decoder-weights.js';
import { engineManifest } from './engine-manifest.js';
import { matchTensors } from './match-tensors.js';
import { readModelConfig, type ModelConfig } from './model-config.js';
import type { Checkpoint } from './read-checkpoint.js';
import { layerCodes, quantizedEntries } from './quantization.js';
import { engineFileBytes, roundUp } from './section-layout.js';

/** Deviation of synthetic linear weights: HF's usual initializer_range. */
const SYNTHETIC_DEVIATION = 0.02;

export interface AssembledPlan {
  plan: BuildPlan;
  graph: Graph;
  manifest: EngineManifest;
  /** Sentences for people: conversions, tensors left out. */
  notes: string[];
}

export function assembleBuildPlan(checkpoint: Checkpoint, options: ResolvedOptions, modelName: string): AssembledPlan {
  const config = readModelConfig(checkpoint.config, checkpoint.configPath, checkpoint.generation);
  checkLimits(config, options);
  const needs = decoderWeights(config);
  const match = options.synthetic_seed === null ? matchTensors(needs, checkpoint.tensors ?? new Map(), config) : null;
  const entries = needs.flatMap((need, index) => planEntries(need, planEntry(need, match?.parts[index] ?? null, options), config, options)).sort(byName);
  const plan: BuildPlan = {
    plan_version: BUILD_PLAN_VERSION,
    rank: 0,
    output: 'rank0.engine',
    sources: match ? checkpoint.shards.map(({ path, bytes }) => ({ file: path, bytes })) : [],
    entries,
    output_bytes: engineFileBytes(entries),
    check_finite: !options.allow_nonfinite,
  };
  const graph = decoderGraph(config, options);
  const manifest = engineManifest({ config, checkpoint, options, modelName, needs, plan, graph });
  return { plan, graph, manifest, notes: match?.notes ?? [] };
}

function checkLimits(config: ModelConfig, { max_seq_len }: ResolvedOptions): void {
  const positions = config.max_position_embeddings;
  if (max_seq_len !== null && max_seq_len > positions)
    throw new TrtllmError('BAD_FLAG', `max_seq_len ${max_seq_len} is more than the ${positions} positions of the model (max_position_embeddings)`);
}

function planEntry(need: SectionNeed, parts: PlanPart[] | null, { dtype, synthetic_seed }: ResolvedOptions): PlanEntry {
  const entry: PlanEntry = {
    name: need.name,
    layout: need.layout,
    dtype: need.layout === 'vector' ? 'float32' : dtype,
    shape: sectionShape(need),
    parts: parts ?? [],
    arrange: need.arrange,
  };
  return parts ? entry : { ...entry, synthetic: syntheticValues(need.role, synthetic_seed!) };
}

/** The entry as it is stored: whole, or as codes and their scales. */
function planEntries(need: SectionNeed, entry: PlanEntry, { tie_word_embeddings }: ModelConfig, { quantization }: ResolvedOptions): PlanEntry[] {
  if (!quantization || need.role !== 'linear') return [entry];
  if (need.name === 'embedding' && !tie_word_embeddings) return [entry];
  const isHead = need.name === 'embedding' || need.name === 'lm_head';
  return quantizedEntries(entry, isHead ? quantization.lm_head : layerCodes(quantization), quantization);
}

function sectionShape({ parts, arrange }: SectionNeed): number[] {
  const rows = parts.map(({ shape }) => (arrange === 'interleave16' ? roundUp(shape[0]!, 16) : shape[0]!));
  return [rows.reduce((sum, count) => sum + count, 0), ...parts[0]!.shape.slice(1)];
}

function syntheticValues(role: SectionNeed['role'], seed: number): NonNullable<PlanEntry['synthetic']> {
  if (role === 'linear') return { seed, distribution: 'normal', value: SYNTHETIC_DEVIATION };
  return { seed, distribution: 'constant', value: role === 'norm' ? 1 : 0 };
}

function byName(a: PlanEntry, b: PlanEntry): number {
  return a.name < b.name ? -1 : 1;
}
