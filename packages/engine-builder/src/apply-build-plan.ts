// Runs the native packer on a build plan.
import type { SourceDtype } from '@trtllm/protocol';
import { runNativeTool } from './native-tool.js';

export interface ApplyRequest {
  nativeDirectory: string;
  planFile: string;
  /** Where the rank file goes. */
  output: string;
  manifestSha256: string;
  workers: number | undefined;
  onProgress: (doneBytes: number, totalBytes: number) => void;
  signal: AbortSignal | undefined;
}

interface PackerProgress {
  done_bytes: number;
  total_bytes: number;
}

/** What the packer says at its end, as far as it is used here. */
export interface PackerResult {
  /** By source dtype: weights that another stored type changed. */
  converted: Partial<Record<SourceDtype, { num_changed: number; max_relative_change: number }>>;
}

export async function applyBuildPlan({ nativeDirectory, planFile, output, manifestSha256, workers, onProgress, signal }: ApplyRequest): Promise<PackerResult> {
  const args = ['--plan', planFile, '--output', output, '--manifest-sha256', manifestSha256];
  return runNativeTool<PackerProgress, PackerResult>({
    nativeDirectory,
    tool: 'trtllm-builder',
    args: workers ? [...args, '--threads', String(workers)] : args,
    onProgress: ({ done_bytes, total_bytes }) => onProgress(done_bytes, total_bytes),
    signal,
  });
}
