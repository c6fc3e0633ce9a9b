// Ctrl-C and SIGTERM as an AbortSignal: the first lets the work end tidily, the second ends the process.

export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(code);
      process.exitCode = code;
      controller.abort(new Error(`stopped by ${signal}`));
    });
  }
  return controller.signal;
}
