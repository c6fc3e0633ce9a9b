// GitHub-flavoured Markdown: for a job summary or a comment on a pull request.
import { cellText, cellValue, type DataTable, type ReportContent } from './content.js';

export function markdown({ title, headline, facts, tables, notes }: ReportContent): string {
  const parts = [
    `## ${inline(title)}`,
    headline && `**${inline(headline.text)}**`,
    facts.map(([name, value]) => `${name}: ${inline(value)}`).join(' · '),
    ...tables.map(table),
    notes.map(({ about, text, isBad }) => `- ${isBad ? '**failed** ' : ''}${about === '' ? '' : `${inline(about)}: `}${inline(text)}`).join('\n'),
  ];
  return `${parts.filter((part) => part).join('\n\n')}\n`;
}

function table({ title, columns, rows, remark }: DataTable): string {
  const isNumeric = columns.map((_, i) => rows.some((row) => typeof cellValue(row[i]) === 'number'));
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  const body = rows.map((row) => line(row.map((cell) => inline(cellText(cell)))));
  return [`### ${inline(title)}`, '', line(columns.map((column) => inline(column.title))), line(isNumeric.map((right) => (right ? '---:' : '---'))), ...body, ...(remark ? ['', inline(remark)] : [])].join('\n');
}

/** Text stays text: nothing in a model's name or in an error becomes a table border, markup or HTML. */
function inline(text: string): string {
  return text.replace(/[\\`*_|<>[\]~]/g, '\\$&').replace(/\s*\n\s*/g, ' ');
}
