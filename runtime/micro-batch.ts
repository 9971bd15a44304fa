import { setImmediate as endOfTurn } from 'node:timers/promises';

/**
 * Puts together what is waiting: while one batch runs, what comes meanwhile waits for the next, so that a busy system shares its round
 * trips.
 * @param options.gather is awaited before each batch, which takes along what came meanwhile; by default the end of the turn of the event
 * loop, for what came in one turn belongs together
 * @param options.run does a whole batch and gives one result for each item, in order; when it fails, all its items do
 */
export function createMicroBatch<Item, Result>(options: {
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly maxItems: number;
  readonly gather?: () => Promise<void>;
}): (item: Item) => Promise<Result> {
  const { run, maxItems, gather = endOfTurn } = options;
  const waiting: { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];
  let isRunning = false;

  async function runNext(): Promise<void> {
    const batch = waiting.splice(0, maxItems);
    try {
      const results = await run(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async function runAll(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    while (waiting.length > 0) {
      await gather();
      await runNext();
    }
    isRunning = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      void runAll();
    });
}
