import type { CallQueue } from './consume.ts';

/** How old the last count may be. Until the next one, what is added here counts on top. */
const countEveryMs = 250;

/** While the limit is far, counting takes a fiftieth of the time: in PostgreSQL, BullMQ reads the finished jobs as well. */
const restForCount = 50;
const longestRestMs = 2000;
const farShare = 0.5;

/**
 * Tells whether more jobs wait than are allowed, without asking the queue for every call: it is asked while calls come, at
 * most four times a second, and less often where that takes long and the limit is far. Several replicas may overshoot by what each adds in
 * that time.
 */
export function createLengthLimit(queue: Pick<CallQueue, 'waitingCount'>, maxLength: number) {
  let counted = 0;
  let added = 0;
  let countedAt = 0;
  let restMs = 0;
  let isCounting = false;

  async function count(): Promise<void> {
    isCounting = true;
    countedAt = Date.now();
    try {
      const addedBefore = added;
      counted = await queue.waitingCount();
      added -= addedBefore;
      restMs = Math.min((Date.now() - countedAt) * restForCount, longestRestMs);
    } finally {
      isCounting = false;
    }
  }

  return {
    /** True when a call should be refused. */
    isReached(): boolean {
      const length = counted + added;
      const ageMs = length < maxLength * farShare ? Math.max(countEveryMs, restMs) : countEveryMs;
      // A queue that cannot be reached says so when the job is added.
      if (!isCounting && Date.now() - countedAt >= ageMs) void count().catch(() => {});
      return length >= maxLength;
    },
    /** To be called before a job is added. */
    addOne(): void {
      added += 1;
    },
    /** To be called when it was not added after all: a queue that is away does not fill up. */
    forgetOne(): void {
      added -= 1;
    },
  };
}

export type LengthLimit = ReturnType<typeof createLengthLimit>;
