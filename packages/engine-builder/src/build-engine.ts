// Checkpoint -> engine, the whole walk: read, plan, apply, seal; then, if wanted, its tactics are timed. A half-built engine never has a
// manifest and never its final name.
import { join, resolve } from 'node:path';
import { TrtllmError, type BuildPlan } from '@trtllm/protocol';
import { applyBuildPlan, type PackerResult } from './apply-build-plan.js';
import { assembleBuildPlan, type AssembledPlan } from './assemble-build-plan.js';
import { resolveOptions, type BuildOptions, type BuildProgress, type ResolvedOptions } from './build-options.js';
import { jsonDocument, sha256 } from './json-document.js';
import { checkTarget, intoPlace, writeSynced } from './output-directory.js';
import { readCheckpoint, readConfigOnly, type Checkpoint } from './read-checkpoint.js';
import { sealEngine } from './seal-engine.js';
import { isTimed, keepInput, timeTactics, type TacticProgress, type TacticTimings, type TimingFiles } from './time-tactics.js';
import { findTokenizerFiles, hasTokenizer } from './tokenizer-files.js';

export interface BuildRequest extends BuildOptions, TimingFiles {
  output_dir: string;
  /** Replace an engine that is there. */
  force?: boolean | undefined;
  onProgress?: ((progress: BuildProgress) => void) | undefined;
  /** Ends the build; nothing of it stays, but an engine whose tactics are being timed. */
  signal?: AbortSignal | undefined;
}

export interface BuildResult {
  output_dir: string;
  architecture: string;
  dtype: string;
  num_parameters: number;
  weight_bytes: number;
  engine_bytes: number;
  seconds: number;
  notes: string[];
  tactics?: TacticTimings;
}

export async function buildEngine(request: BuildRequest): Promise<BuildResult> {
  const started = performance.now();
  const notes: string[] = [];
  const report = (progress: BuildProgress) => {
    if (progress.note) notes.push(progress.note);
    request.onProgress?.(progress);
  };
  const options = resolveOptions(request);
  await checkTarget(resolve(request.output_dir), request.force ?? false);
  report({ phase: 'read', doneBytes: 0, totalBytes: 0 });
  const checkpoint = await readSource(request);
  request.signal?.throwIfAborted();
  const assembled = assembleBuildPlan(checkpoint, options, modelName(request, checkpoint));
  const totalBytes = assembled.plan.output_bytes;
  report({ phase: 'plan', doneBytes: 0, totalBytes });
  for (const note of assembled.notes) report({ phase: 'plan', doneBytes: 0, totalBytes, note });
  const putInputBack = await keepInput(request);
  await intoPlace(request.output_dir, request.force ?? false, totalBytes, (folder) => write(folder, assembled, checkpoint, request, report));
  await putInputBack();
  const result = summary(request, assembled, notes, (performance.now() - started) / 1000);
  return isTimed(request) ? { ...result, tactics: await timeBuilt(request, totalBytes, report) } : result;
}

/** What buildEngine would do, with nothing written. */
export async function planEngine(options: BuildOptions): Promise<AssembledPlan> {
  const { resolved, checkpoint } = await readForPlan(options);
  return assembleBuildPlan(checkpoint, resolved, modelName(options, checkpoint));
}

export async function readForPlan(options: BuildOptions): Promise<{ resolved: ResolvedOptions; checkpoint: Checkpoint }> {
  const resolved = resolveOptions(options);
  return { resolved, checkpoint: await readSource(options) };
}

export function modelName(options: BuildOptions, checkpoint: Checkpoint): string {
  return options.model_name ?? checkpoint.name;
}

async function readSource({ model, config, tokenizer }: BuildOptions): Promise<Checkpoint> {
  const checkpoint = model === undefined ? await readConfigOnly(config!) : await readCheckpoint(model);
  if (tokenizer === undefined) return checkpoint;
  const directory = resolve(tokenizer);
  const files = await findTokenizerFiles(directory);
  if (!hasTokenizer(files)) throw new TrtllmError('CHECKPOINT_NOT_FOUND', `${tokenizer} has no tokenizer.json (nor tokenizer.model, nor vocab.json with merges.txt)`);
  return { ...checkpoint, tokenizer: { directory, files } };
}

async function write(
  folder: string,
  { plan, graph, manifest }: AssembledPlan,
  checkpoint: Checkpoint,
  request: BuildRequest,
  report: (progress: BuildProgress) => void,
): Promise<void> {
  const planFile = join(folder, 'build-plan.json');
  const manifestText = jsonDocument(manifest);
  await writeSynced(planFile, jsonDocument(plan));
  await writeSynced(join(folder, 'graph.json'), jsonDocument(graph));
  report({ phase: 'pack', doneBytes: 0, totalBytes: plan.output_bytes });
  const result = await applyBuildPlan({
    nativeDirectory: request.nativeDirectory,
    planFile,
    output: folder,
    manifestSha256: sha256(manifestText),
    workers: request.workers,
    onProgress: (doneBytes, totalBytes) => report({ phase: 'pack', doneBytes, totalBytes }),
    signal: request.signal,
  });
  const sealing = { phase: 'seal', doneBytes: plan.output_bytes, totalBytes: plan.output_bytes } as const;
  report(sealing);
  for (const note of conversionNotes(plan, result)) report({ ...sealing, note });
  await sealEngine(folder, manifest, manifestText, checkpoint.tokenizer);
  request.signal?.throwIfAborted();
}

/** The engine is in place and stays, whatever comes of this. */
async function timeBuilt(request: BuildRequest, totalBytes: number, report: (progress: BuildProgress) => void): Promise<TacticTimings> {
  const { output_dir, input_timing_cache, output_timing_cache, nativeDirectory, signal } = request;
  const timing = { phase: 'time', doneBytes: totalBytes, totalBytes } as const;
  report(timing);
  try {
    const onProgress = (tactics: TacticProgress) => report({ ...timing, tactics });
    return await timeTactics({ engine_dir: output_dir, input_timing_cache, output_timing_cache, nativeDirectory, onProgress, signal });
  } catch (error) {
    if (!(error instanceof TrtllmError)) throw error;
    throw new TrtllmError(error.code, `${error.message} (the engine is built; \`trtllm tune ${output_dir}\` times its tactics)`, { cause: error });
  }
}

/** On weights that were rounded on the way in. */
function conversionNotes({ entries }: BuildPlan, { converted }: PackerResult): string[] {
  const rounded = new Set(entries.filter(({ dtype }) => dtype === 'bfloat16').flatMap(({ parts }) => parts.map(({ dtype }) => dtype)));
  return [['F16', 'fp16'] as const, ['F32', 'fp32'] as const]
    .filter(([dtype]) => rounded.has(dtype))
    .map(([dtype, name]) => {
      const change = converted[dtype]?.max_relative_change ?? 0;
      return `${name} weights converted to bfloat16, ${change > 0 ? `max relative change ${change.toExponential(2)}` : 'none of them changed'}`;
    });
}

function summary({ output_dir }: BuildRequest, { plan, manifest }: AssembledPlan, notes: string[], seconds: number): BuildResult {
  const { num_parameters, weight_bytes } = manifest.trtllm;
  const { architecture, dtype } = manifest.pretrained_config;
  return { output_dir: resolve(output_dir), architecture, dtype, num_parameters, weight_bytes, engine_bytes: plan.output_bytes, seconds, notes };
}
