// A small table without colours: the first column to the left, numbers to the right.
import Table from 'cli-table3';

export function table(head: string[], rows: string[][]): string {
  const output = new Table({ head, colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')), style: { head: [], border: [], compact: true } });
  output.push(...rows);
  return output.toString();
}
