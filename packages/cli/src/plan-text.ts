// A build plan, for people.
import type { AssembledPlan } from '@trtllm/engine-builder';
import { facts, table } from './table.js';

export function planText({ plan, graph, manifest, notes }: AssembledPlan): string {
  const sections = plan.entries.map((entry) => [entry.name, entry.layout, entry.dtype, entry.shape.join(' × '), entry.parts.map((part) => part.tensor).join(', ') || 'synthetic']);
  return [
    facts([
      ['architecture', manifest.pretrained_config.architecture],
      ['dtype', graph.dtype],
      ['layers', graph.layers.count],
      ['output', `${plan.output}, ${(plan.output_bytes / 1e6).toFixed(1)} MB`],
    ]),
    `ops of a layer: ${graph.layers.body.map(({ op }) => op).join(', ')}`,
    table(['section', 'layout', 'dtype', 'shape', 'from'], sections),
    ...notes.map((note) => `note: ${note}`),
  ].join('\n\n');
}
