// Progress of a build as a task list: on a terminal it moves, in a pipe it is silent.
import type { BuildProgress } from '@trtllm/engine-builder';
import { Listr } from 'listr2';
import { tacticProgressText } from './tactics-text.js';

type Phase = BuildProgress['phase'];

const BUILD: readonly Phase[] = ['read', 'plan', 'pack', 'seal'];

const TITLES: Record<Phase, string> = {
  read: 'Read the checkpoint: config, tensor headers, tokenizer files',
  plan: 'Plan: graph, fused and packed tensors',
  pack: 'Convert and pack the weights',
  seal: 'Seal: hashes, manifest, rename into place',
  time: 'Time the tactics on this machine',
};

interface TaskLine {
  output?: string;
}

export interface BuildTasks {
  onProgress: (progress: BuildProgress) => void;
  /** Shows the list while the build runs; settles as the build does. */
  during: <T>(build: Promise<T>) => Promise<T>;
}

export function buildTasks(wanted: boolean, isTimed = false): BuildTasks {
  const phases = isTimed ? [...BUILD, 'time' as const] : BUILD;
  const begun = new Map(phases.map((phase) => [phase, deferred()]));
  const lines = new Map<Phase, TaskLine>();
  return {
    onProgress: ({ phase, doneBytes, totalBytes, tactics }) => {
      for (const earlier of phases.slice(0, phases.indexOf(phase) + 1)) begun.get(earlier)!.resolve();
      const line = lines.get(phase);
      if (line && tactics) line.output = tacticProgressText(tactics);
      else if (line && totalBytes) line.output = `${megabytes(doneBytes ?? 0)} of ${megabytes(totalBytes)} (${Math.floor((100 * (doneBytes ?? 0)) / totalBytes)} %)`;
    },
    during: async (build) => {
      if (!wanted || !process.stderr.isTTY) return build;
      // A phase's task ends when the next one begins, the last when the build does.
      const tasks = phases.map((phase, index) => ({
        title: TITLES[phase],
        task: async (_: unknown, line: TaskLine): Promise<void> => {
          lines.set(phase, line);
          const next = phases[index + 1];
          await (next ? Promise.race([begun.get(next)!.promise, build]) : build);
        },
      }));
      const list = new Listr(tasks, { renderer: 'default', fallbackRenderer: 'silent', rendererOptions: { outputBar: 1 } as never });
      await list.run().catch(() => undefined); // the build's own error is what the caller sees
      return build;
    },
  };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0)} MB`;
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
