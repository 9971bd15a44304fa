import type { Queue } from 'bullmq';
import type { JobWorker } from './backend.ts';

/** Between two times more jobs may be kept than there should be: some thousands under full load. */
const trimEveryMs = 10_000;

const millisecondsPerSecond = 1000;

/**
 * Removes the oldest jobs that have ended well, from time to time. BullMQ would do it at the end of each job, for which its
 * backend in PostgreSQL reads all jobs that are kept.
 * @param keep at most so many jobs, for so many seconds
 */
export function startTrimming(
  queue: Pick<Queue, 'clean' | 'getCompletedCount' | 'close'>,
  keep: { readonly count: number; readonly age: number },
  onError: (error: Error) => void,
): JobWorker {
  let running = Promise.resolve();

  async function trim(): Promise<void> {
    await queue.clean(keep.age * millisecondsPerSecond, 0, 'completed');
    const excess = (await queue.getCompletedCount()) - keep.count;
    if (excess > 0) await queue.clean(0, excess, 'completed');
  }

  const timer = setInterval(() => {
    running = trim().catch(onError);
  }, trimEveryMs);
  timer.unref();

  return {
    async close() {
      clearInterval(timer);
      await running;
      await queue.close();
    },
  };
}
