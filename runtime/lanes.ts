import { createCalm } from './calm.ts';

/**
 * Lets no more than so many tasks run at a time; the others wait in the order in which they came.
 * @returns what runs a task in a lane, how many wait for one, and what waits until half of them have got theirs
 */
export function createLanes(count: number) {
  const waiting: (() => void)[] = [];
  const nextTurn = createCalm();
  let running = 0;
  let served = 0;

  async function enter(): Promise<void> {
    if (running < count) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }

  /** The lane goes to the next who waits, if there is one. */
  function leave(): void {
    const next = waiting.shift();
    if (!next) {
      running -= 1;
      return;
    }
    next();
    served += 1;
    nextTurn.tell();
  }

  return {
    get waitingCount(): number {
      return waiting.length;
    },
    /** Resolves once half of the tasks that wait now have got their lane, or after the longest wait. */
    async whenHalfServed(longestWaitMs: number): Promise<void> {
      const enough = served + Math.ceil(waiting.length / 2);
      const end = performance.now() + longestWaitMs;
      for (let left = longestWaitMs; served < enough && left > 0; left = end - performance.now()) {
        await nextTurn.wait(left);
      }
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
