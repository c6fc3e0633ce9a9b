// A record of a file against its schema; what does not fit is named with its file, line and field.
import type { z } from 'zod';
import type { DataRecord } from './data-file.js';

export function checkShape<Schema extends z.ZodType>(record: DataRecord<Record<string, unknown>>, schema: Schema): z.output<Schema> {
  const result = schema.safeParse(record.value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const found = issue!.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], record.value);
  throw record.error(`${issue!.path.join('.')}: ${expectation(issue!)}`, found ?? 'nothing');
}

/** zod's "Invalid input: expected string, received number" -> "string". */
function expectation({ message }: { message: string }): string {
  return /expected (.+?)(?:, received .*)?$/.exec(message)?.[1] ?? message;
}
