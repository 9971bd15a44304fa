/**
 * Lets no more than so many tasks run at a time; the others wait in the order in which they came.
 * @returns what runs a task in a lane, and how many wait for one
 */
export function createLanes(count: number) {
  const waiting: (() => void)[] = [];
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
  }

  return {
    get waitingCount(): number {
      return waiting.length;
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
