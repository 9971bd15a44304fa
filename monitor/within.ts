import { setTimeout as sleep } from 'node:timers/promises';

/** The result of a promise, or undefined when it fails, or takes longer than this. */
export async function within<T>(promise: Promise<T>, timeMs: number): Promise<T | undefined> {
  const timer = new AbortController();
  const timeout = sleep(timeMs, undefined, { signal: timer.signal, ref: false }).catch(() => undefined);
  try {
    return await Promise.race([promise.catch(() => undefined), timeout]);
  } finally {
    timer.abort();
  }
}
