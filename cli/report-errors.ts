import type { Logger } from '../runtime/logger.ts';

/** While a server is away, its clients report the same error many times a second. */
const sameErrorMs = 5000;

/** Makes what logs errors of connections to the queue, the same one at most every five seconds. */
export function createErrorReporter(log: Logger): (error: Error) => void {
  let last = { text: '', at: 0 };
  return (error) => {
    if (error.message === last.text && Date.now() - last.at < sameErrorMs) return;
    last = { text: error.message, at: Date.now() };
    log.warn({ err: error }, 'queue connection');
  };
}
