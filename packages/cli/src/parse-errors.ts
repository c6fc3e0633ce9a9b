// What oclif says of a command line that it cannot parse -> one sentence of ours. Its own way is the whole help text, which hides it.
import { Errors } from '@oclif/core';
import { TrtllmError } from '@trtllm/protocol';
import { closest, distance } from 'fastest-levenshtein';

/** More changed letters than this, and it is another word. */
const MOST_TYPOS = 3;

const OCLIFS_HINT = 'See more help with --help';
const OCLIFS_NOTE = '\n\nNote:';

/** @param known names of the command's flags that its help shows */
export function parseError(error: Error, command: string, known: readonly string[]): TrtllmError | undefined {
  if (!(error instanceof Errors.CLIError) || !error.message.includes(OCLIFS_HINT)) return undefined;
  const said = error.message.replace(OCLIFS_HINT, '').split(OCLIFS_NOTE)[0]!;
  const unknown = 'flags' in error && Array.isArray(error.flags) ? error.flags.map(String) : [];
  const hints = unknown.flatMap((flag) => nearest(flag, known));
  const hint = hints.length > 0 ? `; did you mean ${hints.join(', ')}?` : '';
  return new TrtllmError('BAD_FLAG', `${said.trim().replace(/\s+/g, ' ')}${hint} (trtllm ${command} --help lists all)`, { cause: error });
}

function nearest(flag: string, known: readonly string[]): string[] {
  if (!flag.startsWith('--') || known.length === 0) return [];
  const found = closest(flag.slice(2), known);
  return distance(flag.slice(2), found) <= MOST_TYPOS ? [`--${found}`] : [];
}
