// Flags of every command that runs an engine, and their way into the runtime's options.
import { Flags, type Interfaces } from '@oclif/core';
import type { EngineOptions } from '@trtllm/runtime/engine';
import { nativeDirectory } from './native-directory.js';
import { badFlag, finite } from './numbers.js';

export const ENGINE = 'ENGINE';

export const ENGINE_FLAGS = {
  threads: Flags.integer({ min: 1, max: 1024, description: 'compute threads [default: the cores this process may use]', helpGroup: ENGINE }),
  isa: Flags.option({
    options: ['scalar', 'avx2', 'avx512', 'amx', 'amx_emulated'] as const,
    description: 'instruction set class [default: the best this machine has]; amx_emulated is for tests: exact and slow',
    helpGroup: ENGINE,
  })(),
  'max-batch-size': Flags.integer({ min: 1, description: "sequences in one step [default: the engine's]", helpGroup: ENGINE }),
  'max-num-tokens': Flags.integer({ min: 1, description: "tokens in one step [default: the engine's]", helpGroup: ENGINE }),
  'max-seq-len': Flags.integer({ min: 1, description: "prompt and output tokens of one request [default: the engine's]", helpGroup: ENGINE }),
  'kv-cache-free-gpu-memory-fraction': Flags.string({
    aliases: ['free-gpu-memory-fraction', 'kv-cache-free-gpu-mem-fraction'],
    description: 'share of free memory for the KV cache (on a CPU: of main memory) [default: 0.9]',
    helpGroup: ENGINE,
  }),
  'kv-cache-dtype': Flags.option({
    options: ['auto', 'int8', 'bfloat16', 'float32'] as const,
    description: 'KV cache: int8 takes half of the memory of bfloat16 [default: auto, what the engine was built for]',
    helpGroup: ENGINE,
  })(),
  'enable-chunked-prefill': Flags.boolean({ aliases: ['enable-chunked-context'], allowNo: true, description: 'cut long prompts into chunks [default: yes]', helpGroup: ENGINE }),
  'target-itl-ms': targetItlFlag(100),
  'verify-engine': Flags.boolean({ description: 'check the hash of every section of the engine first', helpGroup: ENGINE }),
  config: Flags.string({ aliases: ['extra-llm-api-options'], description: 'YAML options file; its values win over flags', helpValue: 'FILE', helpGroup: ENGINE }),
  tokenizer: Flags.string({ description: "directory of another tokenizer [default: the engine's]", helpValue: 'DIR', helpGroup: ENGINE }),
};

/** Commands differ in its default. */
export function targetItlFlag(defaultMs: number) {
  return Flags.string({
    description: `prompts are cut so that steps of generating requests take no longer, if they can; 0: as much of a prompt as fits [default: ${defaultMs}]`,
    helpGroup: ENGINE,
  });
}

/** The parsed flags above, as oclif gives them. */
export type EngineFlagValues = Interfaces.InferredFlags<typeof ENGINE_FLAGS>;

export function engineOptions(flags: EngineFlagValues): EngineOptions {
  return {
    nativeDirectory: nativeDirectory(),
    threads: flags.threads,
    isa: flags.isa,
    max_batch_size: flags['max-batch-size'],
    max_num_tokens: flags['max-num-tokens'],
    max_seq_len: flags['max-seq-len'],
    kv_cache_free_gpu_memory_fraction: fraction(flags['kv-cache-free-gpu-memory-fraction'], '--kv-cache-free-gpu-memory-fraction'),
    kv_cache_dtype: flags['kv-cache-dtype'],
    enable_chunked_prefill: flags['enable-chunked-prefill'],
    target_itl_ms: milliseconds(flags['target-itl-ms'], '--target-itl-ms'),
    verify_engine: flags['verify-engine'],
    config: flags.config,
    tokenizer: flags.tokenizer,
  };
}

function milliseconds(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const value = finite(text, flag);
  if (value < 0 || value > 1e6) throw badFlag(`${flag} ${text}: expected a number from 0 to 1000000`);
  return value;
}

function fraction(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const value = finite(text, flag);
  if (value <= 0 || value > 1) throw badFlag(`${flag} ${text}: expected a number in (0, 1]`);
  return value;
}
