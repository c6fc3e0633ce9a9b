// --report, of every command that measures or compares.
import { Flags } from '@oclif/core';

export const REPORT_FLAG = Flags.string({ multiple: true, multipleNonGreedy: true, default: [], helpValue: 'FILE', helpGroup: 'REPORT', description: 'write a report; .html, .md (GitHub), .csv or .xml (JUnit) decides what; may be repeated' });
