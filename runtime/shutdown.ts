import type { Logger } from './logger.ts';

/** npm passes on the Ctrl-C that the terminal has sent already: a second signal this soon is the same one. */
const sameSignalMs = 500;

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Resolves at the first signal that asks the process to end. A second one, after half a second, ends it at once with
 * exit code 1.
 */
export function waitForSignal(log: Logger): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first = 0;
    function onSignal(signal: NodeJS.Signals): void {
      if (first === 0) {
        first = Date.now();
        resolve(signal);
      } else if (Date.now() - first > sameSignalMs) {
        log.warn({ signal }, 'ended at once, at the second signal');
        process.exit(1);
      }
    }
    for (const signal of signals) process.on(signal, onSignal);
  });
}

/**
 * Closes what was opened, the last one first, and goes on when one fails.
 */
export function createCloser(log: Logger) {
  const steps: { readonly name: string; readonly close: () => Promise<void> }[] = [];
  return {
    add(name: string, close: () => Promise<void>): void {
      steps.push({ name, close });
    },
    async closeAll(): Promise<void> {
      for (const step of steps.splice(0).reverse()) {
        await step.close().catch((error: unknown) => log.error({ err: error }, `could not close ${step.name}`));
        log.debug(`closed ${step.name}`);
      }
    },
  };
}
