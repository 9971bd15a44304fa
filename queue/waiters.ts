import type { Outcome } from '../schemas/jobs.ts';

/** When a call reached which step on its way through the queue: Unix times in ms. What is not known is absent. */
export interface JobTimes {
  readonly queued?: number;
  readonly taken?: number;
  readonly committed?: number;
}

/** A call that waits for the outcome of its job. */
export interface Waiter {
  readonly jobId: string;
  readonly requestId: string;
  readonly i_wholesaler: number;
  /** The key under which the outcome is found in the database, */
  readonly key: string;
  /** and the hashes of the parameters that it must have been created with: one for each secret key. */
  readonly paramsHashes: () => readonly string[];
  /** Unix time in ms. */
  readonly since: number;
  /** Is told what the worker says of the times, before the outcome. */
  readonly note?: (times: JobTimes) => void;
}

interface Waiting extends Waiter {
  readonly settle: (outcome: Outcome) => void;
}

/** The calls of this replica that wait. The first outcome counts; later ones and those of strangers are dropped. */
export function createWaiters() {
  const waiting = new Map<string, Waiting>();

  return {
    get size(): number {
      return waiting.size;
    },
    add(waiter: Waiter): Promise<Outcome> {
      return new Promise((resolve) => waiting.set(waiter.jobId, { ...waiter, settle: resolve }));
    },
    settle(jobId: string, outcome: Outcome, times: JobTimes = {}): void {
      const waiter = waiting.get(jobId);
      waiter?.note?.(times);
      waiter?.settle(outcome);
      waiting.delete(jobId);
    },
    forget(jobId: string): void {
      waiting.delete(jobId);
    },
    /** Those that have waited for longer than the given time. */
    olderThan(ageMs: number): readonly Waiter[] {
      const latest = Date.now() - ageMs;
      return [...waiting.values()].filter((waiter) => waiter.since <= latest);
    },
  };
}

export type Waiters = ReturnType<typeof createWaiters>;
