// A few lines that are written over and over, on a terminal only.

export interface ProgressLine {
  /** Lines of text; what is wider than the terminal is cut. */
  update: (text: string) => void;
  end: () => void;
}

const LEAST_MS = 100;

export function progressLine(wanted: boolean): ProgressLine {
  const { stderr } = process;
  if (!wanted || !stderr.isTTY) return { update: () => {}, end: () => {} };
  let last = 0;
  let linesAbove = 0;
  const draw = (lines: string[]): void => {
    stderr.write(`${linesAbove > 0 ? `\u001b[${linesAbove}A` : ''}\r\u001b[J${lines.join('\n')}`);
    linesAbove = lines.length - 1;
  };
  return {
    update: (text) => {
      const now = performance.now();
      if (now - last < LEAST_MS) return;
      last = now;
      draw(text.split('\n').map((line) => line.slice(0, (stderr.columns || 80) - 1)));
    },
    end: () => draw(['']),
  };
}
