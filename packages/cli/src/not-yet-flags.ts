// Flags of the reference tools that we know and don't do yet: accepted at their default, so that whole command lines run unchanged, and
// otherwise refused by name. They stay out of the help.
import { Flags } from '@oclif/core';
import { TrtllmError } from '@trtllm/protocol';

/** Flag -> values that ask for nothing; `false` for a switch. */
export type NotYet = Record<string, readonly string[] | false>;

export function notYetFlags(flags: NotYet) {
  const entries = Object.entries(flags).map(([name, harmless]) => {
    const definition = harmless === false ? Flags.boolean({ hidden: true }) : Flags.string({ hidden: true, multiple: true, multipleNonGreedy: true });
    return [name, definition] as const;
  });
  return Object.fromEntries(entries) as Record<string, ReturnType<typeof Flags.boolean>>;
}

/** Throws BAD_FLAG for the first flag that asks for what we don't do. */
export function refuseNotYet(command: string, flags: NotYet, given: Record<string, unknown>): void {
  for (const [name, harmless] of Object.entries(flags)) {
    const value = given[name];
    if (value === undefined || value === false) continue;
    const values = Array.isArray(value) ? value.map(String) : [String(value)];
    if (harmless !== false && values.every((one) => harmless.includes(one))) continue;
    const shown = harmless === false ? `--${name}` : `--${name} ${values.join(' ')}`;
    const mend = harmless === false || harmless.length === 0 ? 'leave it out' : `leave it out or give ${harmless.join(' or ')}`;
    throw new TrtllmError('BAD_FLAG', `trtllm ${command}: ${shown} is not supported yet; ${mend}`);
  }
}
