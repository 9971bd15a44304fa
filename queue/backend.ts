/** Where the queue lives. Both kinds pass the same conformance suite. */
export interface Backend {
  readonly kind: 'redis' | 'postgres';
  readonly replies: ReplyChannel;
  /** Opens the producing side of a queue of such jobs, which end in such results. */
  openQueue<Job extends object, Result>(name: string): JobQueue<Job, Result>;
  /**
   * Starts to take jobs from a queue. The processor's result is kept with the job; one that throws leaves a failed job. So many of
   * those that have ended are kept; how many by default, `bullmq.ts` says.
   */
  openWorker<Result>(
    name: string,
    options: { readonly concurrency: number; readonly keep?: Kept },
    process: (job: TakenJob) => Promise<Result>,
  ): JobWorker;
  /**
   * True for the first of all processes that claims it, false for everybody else until it expires.
   * @throws QueueUnavailable, or the error of the database where the store is PostgreSQL
   */
  claimOnce(claim: string, lifetimeMs: number): Promise<boolean>;
  /** Resolves when the store of the queue answers. */
  ping(): Promise<void>;
  /** Closes the connections; queues and workers are closed by whoever opened them. */
  close(): Promise<void>;
}

/** How many jobs that have ended a queue keeps. */
export interface Kept {
  readonly finished: number;
  readonly failed: number;
}

/** Carries outcomes from workers to the replica that waits for them. It may lose some, and never invents any. */
export interface ReplyChannel {
  publish(replica: string, message: string): Promise<void>;
  /** Resolves once messages for this replica arrive. */
  subscribe(replica: string, onMessage: (message: string) => void): Promise<{ close(): Promise<void> }>;
  /** Largest message in bytes. */
  readonly maxMessageBytes: number;
}

/** What the queue knows of a job that ended, or that it does not know yet. */
export type JobState<Result> =
  | { readonly state: 'finished'; readonly result: Result }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'unfinished' }
  | { readonly state: 'unknown' };

export interface JobQueue<Job extends object, Result> {
  /**
   * Puts a job into the queue.
   * @throws QueueUnavailable
   */
  add(jobId: string, job: Job): Promise<void>;
  /** Takes a job back that no worker has ever taken. False when one has it or had it, or when it has ended. */
  withdraw(jobId: string): Promise<boolean>;
  /** How many jobs wait for a worker. */
  waitingCount(): Promise<number>;
  state(jobId: string): Promise<JobState<Result>>;
  workerCount(): Promise<number>;
  close(): Promise<void>;
}

export interface JobWorker {
  /** Takes no more jobs and resolves when those in hand are done. */
  close(): Promise<void>;
}

/** A job in the hands of a worker. Its data may come from anybody who can reach the queue. */
export interface TakenJob {
  readonly id: string;
  readonly data: unknown;
  /** When it was put into the queue: Unix time in ms, by the clock of the producer. */
  readonly addedAt: number;
  /** False when another worker had it before and was lost: that one may still be at it. */
  readonly isFirstRun: boolean;
  /** When the lock of its first run ends unless it is renewed, Unix time in ms. A worker that stands still does not renew it. */
  readonly lockEndsAt: number;
  /** Replaces the data that the queue keeps. */
  replaceData(data: unknown): Promise<void>;
}

/** The queue cannot be reached. */
export class QueueUnavailable extends Error {
  /** True when the job may be in the queue all the same: the answer was lost, not the request. */
  readonly maybeAdded: boolean;

  constructor(maybeAdded: boolean, cause: unknown) {
    super('The queue cannot be reached', { cause });
    this.maybeAdded = maybeAdded;
  }
}
