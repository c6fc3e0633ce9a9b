// The families the builder knows. A new one is a file beside this and a line here.
import { TrtllmError } from '@trtllm/protocol';
import type { Architecture } from './architecture.js';
import { llama } from './llama.js';
import { mistral } from './mistral.js';
import { qwen2 } from './qwen2.js';
import { qwen3 } from './qwen3.js';

export const KNOWN_ARCHITECTURES: readonly Architecture[] = [llama, mistral, qwen2, qwen3];

export function findArchitecture(name: string, where: string): Architecture {
  const found = KNOWN_ARCHITECTURES.find((architecture) => architecture.name === name);
  if (found) return found;
  const known = KNOWN_ARCHITECTURES.map((architecture) => architecture.name).join(', ');
  throw new TrtllmError('ARCHITECTURE_UNKNOWN', `${where}: architecture ${JSON.stringify(name)} is not known; known are ${known}`);
}
