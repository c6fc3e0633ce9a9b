// Tables for people; the one file that imports the table library.
import Table from 'cli-table3';

/** Columns of equal-length rows, numbers to the right. */
export function table(head: string[], rows: (string | number)[][]): string {
  const isNumeric = head.map((_, column) => rows.length > 0 && rows.every((row) => /^[\d.]+$/.test(String(row[column]))));
  const output = new Table({
    head,
    colAligns: isNumeric.map((numeric) => (numeric ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  output.push(...rows);
  return output.toString();
}

/** Facts side by side: name, value. */
export function facts(pairs: [string, string | number | boolean | null][]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${value ?? '-'}`).join('\n');
}
