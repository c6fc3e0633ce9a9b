// Which layers look back at a window of positions only, as config.json says it.
import type { Architecture } from './architectures/architecture.js';
import type { ConfigFields } from './config-fields.js';

/** What transformers takes where config.json leaves the fields out. */
const DEFAULT_WINDOW = 4096;
const DEFAULT_MAX_WINDOW_LAYERS = 28;

/** One number a layer; 0: all positions. A window that spans every position is none. */
export function readWindows(fields: ConfigFields, kind: Architecture['window'], numLayers: number, maxPositions: number): number[] {
  const isWindowed = windowedLayers(fields, kind, numLayers);
  const window = isWindowed.includes(true) ? fields.integer('sliding_window', { min: 1, max: 2 ** 28, fallback: DEFAULT_WINDOW }) : 0;
  return isWindowed.map((windowed) => (windowed && window < maxPositions ? window : 0));
}

function windowedLayers(fields: ConfigFields, kind: Architecture['window'], numLayers: number): boolean[] {
  const isOff = fields.mentions('sliding_window') && !fields.has('sliding_window');
  if (kind === 'none' || isOff) return Array<boolean>(numLayers).fill(false);
  if (kind === 'all_layers') return Array<boolean>(numLayers).fill(true);
  if (!fields.boolean('use_sliding_window', false)) return Array<boolean>(numLayers).fill(false);
  if (fields.has('layer_types')) return layerTypes(fields, numLayers).map((type) => type === 'sliding_attention');
  const first = fields.integer('max_window_layers', { min: 0, max: 2 ** 28, fallback: DEFAULT_MAX_WINDOW_LAYERS });
  return Array.from({ length: numLayers }, (_, layer) => layer >= first);
}

function layerTypes(fields: ConfigFields, numLayers: number): unknown[] {
  const types = fields.get('layer_types');
  if (Array.isArray(types) && types.length === numLayers && types.every((type) => type === 'sliding_attention' || type === 'full_attention')) return types;
  throw fields.refuse('layer_types', `a list of ${numLayers} of "full_attention" and "sliding_attention"`);
}
