// SIGTERM and SIGINT: the first one stops politely, a second one exits at once.

/** What a signal stops: politely, or at once. */
interface Stoppable {
  stop(): Promise<void>;
  kill(): void;
  stopped: Promise<unknown>;
}

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

export function stopOnSignals(server: Stoppable, log: (line: string) => void): void {
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (isStopping) {
      server.kill();
      process.exit(SIGNALS[signal as keyof typeof SIGNALS]);
    }
    isStopping = true;
    log(`${signal}: finishing open requests; once more exits at once`);
    void server.stop();
  };
  for (const signal of Object.keys(SIGNALS)) process.on(signal, onSignal);
  void server.stopped.then(() => {
    for (const signal of Object.keys(SIGNALS)) process.off(signal, onSignal);
  });
}
