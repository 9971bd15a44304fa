/** What we use of a worker of BullMQ. */
interface Fetcher {
  /** Takes no more jobs; with `true` it does not wait for the one in hand. */
  pause(doNotWaitActive: true): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
}

/** One that takes a job, and one that listens meanwhile. */
const fewest = 2;

const reviewMs = 1000;

/**
 * Opens fetchers, each of which takes jobs and gives them to `run`, and lets as many of them listen as there has been work for. Redis gives
 * each signal to whoever has waited longest: if all listened, each of a few calls would wake another one, whose connection and
 * objects the processor has long forgotten.
 */
export function openFetchers<Job, Result>(
  count: number,
  run: (job: Job) => Promise<Result>,
  open: (index: number, take: (job: Job) => Promise<Result>) => Fetcher,
): { close(): Promise<void> } {
  let awake = count;
  let busy = 0;
  let busiest = 0;

  async function take(job: Job): Promise<Result> {
    busy += 1;
    busiest = Math.max(busiest, busy);
    if (busy >= awake) setAwake(2 * awake);
    try {
      return await run(job);
    } finally {
      busy -= 1;
    }
  }

  const fetchers = Array.from({ length: count }, (_, index) => open(index, take));

  function setAwake(wanted: number): void {
    const next = Math.min(Math.max(wanted, fewest), count);
    for (const fetcher of fetchers.slice(awake, next)) void fetcher.resume();
    for (const fetcher of fetchers.slice(next, awake)) void fetcher.pause(true);
    awake = next;
  }

  const review = setInterval(() => {
    if (busiest + 1 < awake) setAwake(busiest + 1);
    busiest = busy;
  }, reviewMs);

  return {
    async close() {
      clearInterval(review);
      await Promise.all(fetchers.map((fetcher) => fetcher.close()));
    },
  };
}
