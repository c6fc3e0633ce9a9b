// One HTML file that needs nothing else: styles and pictures are in it, scripts there are none, and its policy forbids to load anything.
import { cellText, cellValue, type DataTable, type LegendEntry, type ReportContent, type Section } from '../content.js';
import { markup, Markup } from '../markup.js';
import { DEFINITIONS } from '../definitions.js';
import { STYLE } from './style.js';

export function html(content: ReportContent): string {
  const { title, headline, facts, tiles, tables, notes, sections, words = DEFINITIONS } = content;
  const body = markup`<h1>${title}</h1>
<dl class="facts">${facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${headline && markup`<p class="headline ${headline.mood}">${headline.text}</p>`}
${tiles.length > 0 ? markup`<div class="tiles">${tiles.map(([name, value, unit]) => markup`<div><span>${name}</span><b>${value}</b><span>${unit}</span></div>`)}</div>` : undefined}
${tables.map(tableHtml)}
${notesHtml('What was found', notes.filter(({ isBad }) => isBad))}
${sections().filter(({ charts }) => charts.length > 0).map(sectionHtml)}
${notesHtml('To know before quoting', notes.filter(({ isBad }) => !isBad))}
<h2>Definitions</h2><dl class="words">${words.map(([word, meaning]) => markup`<dt>${word}</dt><dd>${meaning}</dd>`)}</dl>`;
  return `${page(title, body).text}\n`;
}

function page(title: string, body: Markup): Markup {
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,"><title>${title}</title><style>${new Markup(STYLE)}</style></head>
<body><main>
${body}
</main></body></html>`;
}

function tableHtml({ title, columns, rows, remark }: DataTable): Markup {
  const classes = columns.map((_, i) => (rows.some((row) => typeof cellValue(row[i]) === 'number') ? 'number' : 'word'));
  return markup`<h2>${title}</h2><div class="scroll"><table><thead><tr>${columns.map((column, i) => markup`<th class="${classes[i]}">${column.title}</th>`)}</tr></thead>
<tbody>${rows.map((row) => markup`<tr>${row.map((cell, i) => markup`<td class="${classes[i]}">${cellText(cell)}</td>`)}</tr>`)}</tbody></table></div>
${remark && markup`<p class="soft">${remark}</p>`}`;
}

function notesHtml(title: string, notes: ReportContent['notes']): Markup | undefined {
  return notes.length > 0 ? markup`<h2>${title}</h2><ul class="notes">${notes.map(noteHtml)}</ul>` : undefined;
}

function noteHtml({ about, text, isBad }: ReportContent['notes'][number]): Markup {
  return markup`<li class="${isBad ? 'bad' : 'plain'}">${about === '' ? undefined : markup`<b>${about}</b>: `}${text}</li>`;
}

function sectionHtml({ title, remark, legend = [], charts, columns }: Section): Markup {
  return markup`<section><h2>${title}</h2>
${remark && markup`<p class="soft">${remark}</p>`}
${legend.length > 1 ? markup`<ul class="legend">${legend.map(legendHtml)}</ul>` : undefined}
<div class="charts ${(['one', 'two', 'three'] as const)[columns - 1]}">${charts}</div></section>`;
}

function legendHtml({ name, color, isDashed }: LegendEntry): Markup {
  return markup`<li><svg viewBox="0 0 26 10" aria-hidden="true"><path class="line c-${color}${isDashed ? ' dashed' : ''}" d="M1 5H25"/></svg>${name}</li>`;
}
