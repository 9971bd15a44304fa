import { createCalm } from './calm.ts';

/**
 * Lets no more than so many tasks run at a time; the others wait in the order in which they came.
 * @returns what runs a task in a lane, how many wait for one, and what waits until none does
 */
export function createLanes(count: number) {
  const waiting: (() => void)[] = [];
  const calm = createCalm();
  let running = 0;

  async function enter(): Promise<void> {
    if (running < count) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }

  /** The lane goes to the next who waits, if there is one. */
  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
    if (waiting.length === 0) calm.tell();
  }

  return {
    get waitingCount(): number {
      return waiting.length;
    },
    /** Resolves as soon as no task waits for a lane, or after the longest wait. */
    whenNoneWaits(longestWaitMs: number): Promise<void> {
      return waiting.length === 0 ? Promise.resolve() : calm.wait(longestWaitMs);
    },
    async run<T>(task: () => Promise<T>): Promise<T> {
      await enter();
      try {
        return await task();
      } finally {
        leave();
      }
    },
  };
}
