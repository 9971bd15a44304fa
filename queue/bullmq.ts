import { setTimeout as sleep } from 'node:timers/promises';
import { type JobQueue, type JobState, type JobWorker, type Kept, QueueUnavailable, type TakenJob } from './backend.ts';

/** A worker renews the lock of its job at half this time. When it dies, another takes the job over after this time. */
const lockDurationMs = 10_000;
const stalledIntervalMs = 5000;

/** A job that kills its worker this often is given up. */
const maxStalledCount = 3;

/** How soon a worker asks again after an error of the connection. BullMQ's 15 s would outlast a short failover. */
const runRetryDelayMs = 500;

const hour = 3600;

/** How long jobs that have ended well are kept, in seconds. */
export const finishedAge = hour;

/** What is kept of a queue whose opener says nothing. */
export const usuallyKept: Kept = { finished: 10_000, failed: 10_000 };

function retention({ finished, failed }: Kept) {
  return {
    removeOnComplete: { age: finishedAge, count: finished },
    removeOnFail: { age: 7 * 24 * hour, count: failed },
  };
}

/**
 * Options that both backends give to every worker. A job's own options go before them; we give it none, for they would travel with each, and
 * a foreign producer may set none.
 */
export function workerOptions(keep = usuallyKept) {
  return {
    lockDuration: lockDurationMs,
    stalledInterval: stalledIntervalMs,
    maxStalledCount,
    runRetryDelay: runRetryDelayMs,
    ...retention(keep),
  };
}

/** Which errors of `add` say for certain that nothing was added. */
export type NothingAdded = (error: unknown) => boolean;

/** What we use of a job, a queue and a worker, whatever backend they are of. */
interface BullJob<Result> {
  readonly id?: string | undefined;
  readonly data: unknown;
  readonly timestamp: number;
  readonly finishedOn?: number | undefined;
  readonly failedReason?: string | undefined;
  readonly returnvalue: Result;
  /** When its worker asked for it, Unix time in ms. */
  readonly processedOn?: number | undefined;
  readonly attemptsStarted: number;
  readonly stalledCounter: number;
  updateData(data: unknown): Promise<void>;
}

/** A worker of BullMQ, as the store of the queue knows its connection. */
interface ConnectedWorker {
  readonly [field: string]: string;
}

interface BullQueue<Result> {
  readonly name: string;
  add(name: string, data: unknown, options: { readonly jobId: string }): Promise<unknown>;
  remove(jobId: string): Promise<number>;
  getJob(jobId: string): Promise<BullJob<Result> | undefined>;
  getWorkers(): Promise<readonly ConnectedWorker[]>;
  getWaitingCount(): Promise<number>;
  close(): Promise<void>;
}

interface BullWorker {
  close(): Promise<void>;
}

/** How many workers take jobs from a queue. Those of BullMQ that have one name are one of ours. */
export async function countWorkers(queue: Pick<BullQueue<unknown>, 'getWorkers'>): Promise<number> {
  const names = (await queue.getWorkers()).map(({ rawname = '' }) => rawname);
  const named = names.filter((name) => name.includes(':w:'));
  return names.length - named.length + new Set(named).size;
}

async function jobState<Result>(queue: BullQueue<Result>, jobId: string): Promise<JobState<Result>> {
  const job = await queue.getJob(jobId);
  if (!job) return { state: 'unknown' };
  if (job.finishedOn === undefined) return { state: 'unfinished' };
  return job.failedReason
    ? { state: 'failed', reason: job.failedReason }
    : { state: 'finished', result: job.returnvalue };
}

/** Gives a BullMQ queue the interface of ours. */
export function wrapQueue<Job extends object, Result>(
  queue: BullQueue<Result>,
  nothingAdded: NothingAdded,
): JobQueue<Job, Result> {
  return {
    async add(jobId, job) {
      try {
        await queue.add(queue.name, job, { jobId });
      } catch (error) {
        throw new QueueUnavailable(!nothingAdded(error), error);
      }
    },
    // BullMQ removes ended jobs as well, and those that wait again because their worker was lost, which may still come back.
    // Without the question, a customer that was created, or soon will be, would be called not created.
    async withdraw(jobId) {
      const job = await queue.getJob(jobId);
      const isUntouched = job !== undefined && job.attemptsStarted === 0 && job.finishedOn === undefined;
      return isUntouched && (await queue.remove(jobId)) === 1;
    },
    waitingCount: () => queue.getWaitingCount(),
    state: (jobId) => jobState(queue, jobId),
    workerCount: () => countWorkers(queue),
    close: () => queue.close(),
  };
}

/** How far a worker that has just taken a job may rely on being the only one. */
function holdOf<Result>({ attemptsStarted, stalledCounter, processedOn }: BullJob<Result>) {
  const now = Date.now();
  return {
    isFirstRun: attemptsStarted <= 1 && stalledCounter === 0,
    // The lock began when it was asked for, which is a while ago if this process has stood still since.
    lockEndsAt: Math.min(processedOn ?? now, now) + lockDurationMs,
  };
}

/** After the last job in hand, BullMQ is given this long to tell the queue. It would wait for a lost queue for ever. */
const closeGraceMs = 3000;
const handsPollMs = 20;

/**
 * Makes a BullMQ worker of a processor of ours. Closing waits for the jobs in hand, and then no longer than a moment for a queue that is away: its lock on a job
 * runs out, and whoever takes the job over finds the row that it has written.
 */
export function openBullWorker<Result>(
  process: (job: TakenJob) => Promise<Result>,
  open: (run: (job: BullJob<Result>) => Promise<Result>) => BullWorker,
): JobWorker {
  let inHand = 0;

  async function run(job: BullJob<Result>): Promise<Result> {
    inHand += 1;
    try {
      const replaceData = (data: unknown) => job.updateData(data);
      return await process({ id: job.id ?? '', data: job.data, addedAt: job.timestamp, ...holdOf(job), replaceData });
    } finally {
      inHand -= 1;
    }
  }

  const worker = open(run);
  return {
    async close() {
      const closed = worker.close();
      while (inHand > 0) await sleep(handsPollMs);
      await Promise.race([closed, sleep(closeGraceMs, undefined, { ref: false })]);
    },
  };
}
