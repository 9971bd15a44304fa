import type { CallQueue } from './consume.ts';

/** How old the last count may be. Until the next one, what is added here counts on top. */
const countEveryMs = 250;

/**
 * Tells whether more jobs wait than are allowed, without asking the queue for every call: it is asked while calls come, at
 * most four times a second. Several replicas may overshoot by what each adds in that time.
 */
export function createLengthLimit(queue: Pick<CallQueue, 'waitingCount'>, maxLength: number) {
  let counted = 0;
  let added = 0;
  let countedAt = 0;
  let isCounting = false;

  async function count(): Promise<void> {
    isCounting = true;
    try {
      const addedBefore = added;
      counted = await queue.waitingCount();
      added -= addedBefore;
    } finally {
      isCounting = false;
    }
  }

  return {
    /** True when a call should be refused. */
    isReached(): boolean {
      const now = Date.now();
      if (!isCounting && now - countedAt >= countEveryMs) {
        countedAt = now;
        // A queue that cannot be reached says so when the job is added.
        void count().catch(() => {});
      }
      return counted + added >= maxLength;
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
