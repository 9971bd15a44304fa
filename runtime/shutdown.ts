/** npm passes on the Ctrl-C that the terminal has sent already: a second signal this soon is the same one. */
const sameSignalMs = 500;

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Resolves at the first signal that asks the process to end. A second one, after half a second, ends it at once with
 * exit code 1.
 */
export function waitForSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first = 0;
    function onSignal(signal: NodeJS.Signals): void {
      if (first === 0) {
        first = Date.now();
        resolve(signal);
      } else if (Date.now() - first > sameSignalMs) {
        process.exit(1);
      }
    }
    for (const signal of signals) process.on(signal, onSignal);
  });
}

/** What was opened, to be closed in the end. */
export interface Closer {
  add(name: string, close: () => Promise<void>): void;
  /** Closes everything, the last opened first, and goes on when one fails; then it rejects with every failure. */
  closeAll(): Promise<void>;
}

export function createCloser(): Closer {
  const steps: { readonly name: string; readonly close: () => Promise<void> }[] = [];
  return {
    add(name, close) {
      steps.push({ name, close });
    },
    async closeAll() {
      const failures: Error[] = [];
      for (const { name, close } of steps.splice(0).reverse()) {
        await close().catch((error: unknown) => {
          failures.push(new Error(`Could not close ${name}`, { cause: error }));
        });
      }
      if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join('; '));
    },
  };
}
