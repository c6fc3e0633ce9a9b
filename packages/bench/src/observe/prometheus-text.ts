// Prometheus' text exposition format 0.0.4, and OpenMetrics as far as it is the same: lines -> samples.

export interface PrometheusSample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

// `s`: a line ends at \n alone, and a label may hold U+2028.
const LINE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?[ \t]+(\S+)(?:[ \t].*)?$/s;
const LABEL = /([A-Za-z_]\w*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*,?[ \t]*/gsy;
const ESCAPES: Record<string, string> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' };

/** Comments, and what is no sample, are left out. `only`: names of the samples that are wanted; a server has thousands. */
export function parsePrometheus(text: string, only?: ReadonlySet<string>): PrometheusSample[] {
  const samples: PrometheusSample[] = [];
  for (const line of text.split('\n')) {
    if (only !== undefined && !only.has(/^[\w:]*/.exec(line)![0])) continue;
    const [, name, labelText = '', valueText] = LINE.exec(line.trim()) ?? [];
    const labels = labelsOf(labelText);
    const value = valueText === undefined ? Number.NaN : numberOf(valueText);
    if (name !== undefined && labels !== undefined && !(Number.isNaN(value) && valueText !== 'NaN')) samples.push({ name, labels, value });
  }
  return samples;
}

function labelsOf(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  let end = 0;
  for (let match = LABEL.exec(text); match !== null; match = LABEL.exec(text)) {
    labels[match[1]!] = match[2]!.replace(/\\[n"\\]/g, (escape) => ESCAPES[escape]!);
    end = LABEL.lastIndex;
  }
  return end === text.length ? labels : undefined;
}

function numberOf(text: string): number {
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return Number(text);
}
