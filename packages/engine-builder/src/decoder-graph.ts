// The decoder block that the families share, as graph.json's ops; reads like the paper. Weight names: decoder-weights.ts.
import { GRAPH_VERSION, type Graph, type Op } from '@trtllm/protocol';
import type { ResolvedOptions } from './build-options.js';
import type { ModelConfig } from './model-config.js';
import { hasInt8Inputs } from './quantization.js';
import { ropeTable } from './rope-table.js';

export function decoderGraph(config: ModelConfig, { dtype, quantization }: Pick<ResolvedOptions, 'dtype' | 'quantization'>): Graph {
  const { windows } = config;
  const codes = hasInt8Inputs(quantization);
  const headHasCodes = codes && quantization!.lm_head !== 'bfloat16';
  const isUniform = windows.every((window) => window === windows[0]);
  return {
    graph_version: GRAPH_VERSION,
    dtype,
    vocab_size: config.vocab_size,
    hidden_size: config.hidden_size,
    max_position_embeddings: config.max_position_embeddings,
    rope_tables: [ropeTable(config.rope, config.head_dim)],
    prologue: [{ op: 'embed', weight: 'embedding', output: 'x' }],
    layers: {
      count: config.num_layers,
      body: [...attentionOps(config, isUniform ? windows[0]! : '$window'), ...mlpOps(config)].flatMap((op) => (codes ? withCodes(op) : [op])),
      per_layer: isUniform ? {} : { window: windows },
    },
    epilogue: [
      { op: 'select_rows', input: 'x', output: 'last_rows' },
      { op: 'rms_norm', input: 'last_rows', weight: 'final_norm', epsilon: config.rms_norm_eps, output: 'head_input' },
      ...(headHasCodes ? [{ op: 'quantize', input: 'head_input', output: 'head_codes' } as const] : []),
      { op: 'lm_head', input: headHasCodes ? 'head_codes' : 'head_input', weight: config.tie_word_embeddings ? 'embedding' : 'lm_head' },
    ],
  };
}

/** A linear reads int8 codes of its input. */
function withCodes(op: Op): Op[] {
  if (op.op !== 'linear') return [op];
  const output = `${op.input.replace(/_input$/, '')}_codes`;
  return [{ op: 'quantize', input: op.input, output }, { ...op, input: output }];
}

/** x += output(attend(rope(norm?(qkv(norm(x)))))) */
function attentionOps(config: ModelConfig, window: number | '$window'): Op[] {
  const { num_heads, num_kv_heads, head_dim, rms_norm_eps: epsilon } = config;
  const prefix = 'layers.{i}.attention';
  const q = { buffer: 'qkv', first_head: 0, num_heads, head_dim };
  const k = { buffer: 'qkv', first_head: num_heads, num_heads: num_kv_heads, head_dim };
  const headNorms: Op[] = [
    { op: 'head_norm', ...q, weight: `${prefix}.q_norm`, epsilon },
    { op: 'head_norm', ...k, weight: `${prefix}.k_norm`, epsilon },
  ];
  return [
    { op: 'rms_norm', input: 'x', weight: 'layers.{i}.attention_norm', epsilon, output: 'attention_input' },
    { op: 'linear', input: 'attention_input', ...weightOf(`${prefix}.qkv`, config.qkv_bias), epilogue: 'store', output: 'qkv' },
    ...(config.architecture.tensors.q_norm ? headNorms : []),
    { op: 'rope', ...q, num_heads: num_heads + num_kv_heads, table: 0 },
    { op: 'attention', qkv: 'qkv', num_heads, num_kv_heads, head_dim, scale: head_dim ** -0.5, window, output: 'attended' },
    { op: 'linear', input: 'attended', ...weightOf(`${prefix}.output`, config.attention_output_bias), epilogue: 'add_residual', output: 'x' },
  ];
}

/** x += down(silu(gate(norm(x))) * up(norm(x))) */
function mlpOps(config: ModelConfig): Op[] {
  const { mlp_bias, rms_norm_eps: epsilon } = config;
  return [
    { op: 'rms_norm', input: 'x', weight: 'layers.{i}.mlp_norm', epsilon, output: 'mlp_input' },
    { op: 'linear', input: 'mlp_input', ...weightOf('layers.{i}.mlp.gate_up', mlp_bias), epilogue: 'swiglu', output: 'gated' },
    { op: 'linear', input: 'gated', ...weightOf('layers.{i}.mlp.down', mlp_bias), epilogue: 'add_residual', output: 'x' },
  ];
}

function weightOf(name: string, hasBias: boolean): { weight: string; bias?: string } {
  return hasBias ? { weight: name, bias: `${name}.bias` } : { weight: name };
}
