// An inspection, for people.
import type { Inspection } from '@trtllm/engine-builder';
import { facts, table } from './table.js';

export function inspectText(inspection: Inspection, withTensors: boolean): string {
  const { kind, directory, architecture, dtype, num_parameters, sizes, tokenizer, files, tensors, manifest } = inspection;
  const bytes = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
  const lines = [
    facts([
      ['kind', kind],
      ['directory', directory],
      ['architecture', architecture],
      ['dtype', dtype],
      ['parameters', num_parameters.toLocaleString('en')],
      ['weights', `${(bytes / 1e6).toFixed(1)} MB in ${tensors.length} tensors`],
      ['tokenizer', tokenizer ? 'yes' : 'no: token ids in, token ids out'],
      ...Object.entries(sizes),
      ...(manifest ? profile(manifest) : []),
    ]),
    table(['file', 'bytes'], files.map(({ file, bytes: size }) => [file, size])),
  ];
  if (withTensors) lines.push(table(['tensor', 'dtype', 'shape', 'layout', 'bytes'], tensors.map((tensor) => [tensor.name, tensor.dtype, tensor.shape.join(' × '), tensor.layout ?? 'rows', tensor.bytes])));
  else lines.push('--tensors lists the tensors');
  return lines.join('\n\n');
}

function profile(manifest: NonNullable<Inspection['manifest']>): [string, string | number][] {
  const { build_config, trtllm } = manifest;
  return [
    ['model name', trtllm.model_name],
    ['format version', trtllm.format_version],
    ['built by', trtllm.builder_version],
    ['max_batch_size', build_config.max_batch_size],
    ['max_num_tokens', build_config.max_num_tokens],
    ['max_seq_len', build_config.max_seq_len],
  ];
}
