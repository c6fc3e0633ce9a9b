// One line that is written over and over, on a terminal only.

export interface ProgressLine {
  update: (text: string) => void;
  end: () => void;
}

export function progressLine(wanted: boolean): ProgressLine {
  if (!wanted || !process.stderr.isTTY) return { update: () => {}, end: () => {} };
  let last = 0;
  return {
    update: (text) => {
      const now = performance.now();
      if (now - last < 100) return;
      last = now;
      process.stderr.write(`\r\u001b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    },
    end: () => process.stderr.write('\r\u001b[K'),
  };
}
