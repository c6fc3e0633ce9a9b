// Command lines of the reference tools run unchanged: flags in both spellings, options before the subcommand, a default command.

/** `--tp_size=2` -> `--tp-size=2`: underscores of a flag's name become hyphens, its value stays. Stops at `--`. */
export function hyphenateFlags(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return argv.map((word, index) => {
    if (!word.startsWith('--') || (end !== -1 && index >= end)) return word;
    const equals = word.indexOf('=');
    const name = equals === -1 ? word : word.slice(0, equals);
    return name.replaceAll('_', '-') + word.slice(name.length);
  });
}

/** Subcommands of trtllm-bench; its own options come before them, and all of them take a value. */
const BENCH_SUBCOMMANDS = ['throughput', 'latency', 'prepare-dataset', 'build'];
const BENCH_GROUP_OPTIONS = ['-m', '--model', '--model-path', '-w', '--workspace', '--log-level', '--revision'];

/** Short flags of two letters, which no parser here knows. */
const BENCH_SHORT = new Map([
  ['-tp', '--tp-size'],
  ['-pp', '--pp-size'],
]);

/** `--model M throughput --dataset F` -> `throughput --model M --dataset F`; `--dataset-type synthetic` alone means throughput. */
function benchWords(words: readonly string[]): string[] {
  let place = 0;
  while (place < words.length && BENCH_GROUP_OPTIONS.includes(words[place]!.split('=')[0]!)) place += words[place]!.includes('=') ? 1 : 2;
  const subcommand = words[place];
  if (subcommand !== undefined && BENCH_SUBCOMMANDS.includes(subcommand)) return [subcommand, ...words.toSpliced(place, 1).map((word) => BENCH_SHORT.get(word) ?? word)];
  return words.some((word) => word === '--dataset-type' || word.startsWith('--dataset-type=')) ? ['throughput', ...words] : [...words];
}

/**
 * argv of a bin alias -> argv of `trtllm`. `trtllm-serve serve X` and `trtllm-serve X` are both `trtllm serve X`.
 * @param command '' for `trtllm` itself
 */
export function canonicalArgv(argv: readonly string[], command: string): string[] {
  const words = hyphenateFlags(argv);
  const name = command || words[0];
  if (words[0] === name) words.shift();
  if (name === undefined) return words;
  return [name, ...(name === 'bench' ? benchWords(words) : words)];
}
