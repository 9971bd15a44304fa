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

/** Longer than a call may wait. What is not closed by then is left to the end of the process. */
const closeTimeoutMs = 45_000;

async function inTime(closing: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not closed after ${closeTimeoutMs} ms`)), closeTimeoutMs);
  });
  await Promise.race([closing, limit]).finally(() => clearTimeout(timer));
}

/** What was opened, to be closed in the end. */
export interface Closer {
  add(name: string, close: () => Promise<void>): void;
  /** Closes everything, the last opened first, and goes on when one fails or hangs; then it rejects with every failure. */
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
        try {
          await inTime(close());
        } catch (error) {
          failures.push(new Error(`Could not close ${name}`, { cause: error }));
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join('; '));
    },
  };
}
