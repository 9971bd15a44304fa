import { setTimeout as sleep } from 'node:timers/promises';
import { violation } from '../db/violations.ts';
import { retried } from '../runtime/steps.ts';

/** A database that takes no one in is given this long before the caller is told. */
const unreachablePatienceMs = 1000;

const firstDelayMs = 50;
const longestDelayMs = 1000;

/** An error that did not go away in time. */
export class StillFailing extends Error {
  /** True when some attempt may have committed: its answer was lost. */
  readonly maybeDone: boolean;

  constructor(maybeDone: boolean, cause: unknown) {
    super('The database failed for too long', { cause });
    this.maybeDone = maybeDone;
  }
}

/** What the failures so far mean for those to come. */
interface Patience {
  /** Unix time in ms until which it is worth trying. */
  readonly until: number;
  readonly maybeDone: boolean;
}

/**
 * Runs a transaction again while the database says that it may work the next time: a deadlock, a lost connection, a
 * server that restarts. Waits longer each time, and never past the deadline (Unix time in ms); a database that takes no
 * one in is given one second, or what is said. The transaction must be one that may run twice.
 * @throws StillFailing when time is up; any other error at once
 */
export async function retryTransient<T>(
  deadline: number,
  run: () => Promise<T>,
  unreachableMs = unreachablePatienceMs,
): Promise<T> {
  let patience: Patience = { until: Math.min(deadline, Date.now() + unreachableMs), maybeDone: false };
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(2 * delayMs, longestDelayMs)) {
    try {
      return await run();
    } catch (error) {
      const { kind } = violation(error);
      if (kind === 'transient') patience = { until: deadline, maybeDone: true };
      else if (kind !== 'unreachable') throw error;
      if (Date.now() + delayMs > patience.until) throw new StillFailing(patience.maybeDone, error);
    }
    retried();
    await sleep(delayMs);
  }
}

/** An import waits for a database that is away; nobody stands at the other end of a line. */
const importPatienceMs = 10 * 60_000;

/** Runs a step of an import, as `retryTransient` does, with the patience of bulk work. */
export function retryForImport<T>(run: () => Promise<T>): Promise<T> {
  return retryTransient(Date.now() + importPatienceMs, run, importPatienceMs);
}
