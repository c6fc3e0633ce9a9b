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

/**
 * argv of a bin alias -> argv of `trtllm`. `trtllm-serve serve X` and `trtllm-serve X` are both `trtllm serve X`.
 * @param command '' for `trtllm` itself
 */
export function canonicalArgv(argv: readonly string[], command: string): string[] {
  const words = hyphenateFlags(argv);
  if (command === '') return words;
  if (words[0] === command) words.shift();
  return [command, ...words];
}
