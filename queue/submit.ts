import { randomUUID } from 'node:crypto';
import { createEndOfTurn } from '../runtime/end-of-turn.ts';
import type { Logger } from '../runtime/logger.ts';
import type { ParamsHashes } from '../runtime/params-hash.ts';
import type { Sealer } from '../runtime/seal.ts';
import { reached } from '../runtime/steps.ts';
import { currentTraceparent, inSpan } from '../runtime/tracing.ts';
import { faults } from '../schemas/faults.ts';
import type { CreateCustomerJob, Outcome } from '../schemas/jobs.ts';
import { type Backend, QueueUnavailable } from './backend.ts';
import { type CallQueue, callQueueName } from './consume.ts';
import { createLengthLimit, type LengthLimit } from './queue-length.ts';
import { sealSecrets } from './secrets.ts';
import { type FindKeyRows, findCreated, findOutcome, watchForLostReplies } from './truth.ts';
import { createWaiters, type JobTimes, type Waiter, type Waiters } from './waiters.ts';

/** A valid call, as the front hands it over. */
export type Submission = Pick<
  CreateCustomerJob,
  'request_id' | 'i_wholesaler' | 'caller' | 'params' | 'idempotency_key' | 'dry_run'
> & {
  /** Asked only about a call whose reply was lost: the hash of a full call costs as much as sealing its passwords. */
  readonly paramsHashes: () => ParamsHashes;
};

/** When a worker has the job at the end of the wait, its transaction is given this long to end. */
const graceMs = 2000;

/** When the answer of the queue was lost, the job may run: its row is looked for, for this long. */
const doubtMs = 1500;

const jobVersion = 1;

/** Is told, as it becomes known, under which id a call is in the queue, and when it reached which step. */
export type Note = (known: JobTimes & { readonly jobId?: string }) => void;

function failed(fault: { readonly code: number; readonly text: string }): Outcome {
  return { ok: false, fault: { code: fault.code, text: fault.text } };
}

interface Options {
  readonly backend: Backend;
  readonly sealer: Sealer;
  readonly findKeyRows: FindKeyRows;
  readonly waitTimeoutMs: number;
  readonly maxInFlight: number;
  readonly maxQueueLength: number;
  /** Is told of each call whose outcome was found elsewhere, because its reply did not come. */
  readonly onReplyLoss?: () => void;
  readonly log: Logger;
}

/** Waits for a promise, but not for longer than the given time. */
async function within<T>(promise: Promise<T>, timeMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  // A timer of `node:timers/promises` is ended by an error with a stack, which costs each call 25 microseconds.
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeMs, undefined);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function toJob(submission: Submission, more: Pick<CreateCustomerJob, 'reply_to' | 'deadline'>): CreateCustomerJob {
  const { paramsHashes: _, ...call } = submission;
  const traceparent = currentTraceparent();
  return { version: jobVersion, ...call, ...more, ...(traceparent === undefined ? {} : { traceparent }) };
}

/** No worker has ever had the job; if one took and ended it in this very moment, there is a row. */
async function takenBack(waiter: Waiter, findKeyRows: FindKeyRows): Promise<Outcome> {
  try {
    return (await findCreated(waiter, findKeyRows)) ?? failed(faults.timedOut());
  } catch {
    return failed(faults.outcomeUnknown(waiter.requestId));
  }
}

/** Hears the replies to this replica and settles the calls that wait for them. */
async function hearReplies(backend: Backend, queue: CallQueue) {
  const replica = randomUUID();
  const waiters = createWaiters();

  async function onMessage(message: string): Promise<void> {
    const { job_id, outcome, times } = JSON.parse(message);
    if (outcome) return waiters.settle(job_id, outcome, times);
    const job = await queue.state(job_id);
    if (job.state === 'finished') waiters.settle(job_id, job.result, times);
  }

  const subscription = await backend.replies.subscribe(replica, (message) => void onMessage(message).catch(() => {}));
  return { replica, waiters, close: () => subscription.close() };
}

/** True for an error of `add` after which the job is not in the queue for certain. */
function nothingAdded(error: unknown): boolean {
  return error instanceof QueueUnavailable && !error.maybeAdded;
}

/**
 * Makes what puts calls into the queue, their secrets sealed. A call that is alone waits for nobody; those that are not leave with the others
 * of their turn of the event loop.
 */
function createEnqueuer(options: {
  readonly queue: CallQueue;
  readonly sealer: Sealer;
  readonly replica: string;
  readonly length: LengthLimit;
  readonly waiters: Waiters;
}) {
  const { queue, sealer, replica, length, waiters } = options;
  const endOfTurn = createEndOfTurn();

  async function add(jobId: string, submission: Submission, deadline: number): Promise<void> {
    const job = toJob(submission, { reply_to: replica, deadline });
    reached('checked', submission.request_id, jobId);
    length.addOne();
    try {
      if (waiters.size > 1) await endOfTurn();
      await queue.add(jobId, { ...job, ...sealSecrets(sealer, jobId, job.params) });
    } catch (error) {
      if (nothingAdded(error)) length.forgetOne();
      throw error;
    }
    reached('queued', submission.request_id, jobId);
  }

  return function enqueue(jobId: string, submission: Submission, deadline: number): Promise<void> {
    return inSpan({ name: `send ${callQueueName}`, kind: 'producer' }, () => add(jobId, submission, deadline));
  };
}

/**
 * Opens the front's side of the queue: `submit` puts a call into it and waits for its outcome. It resolves always, with
 * a fault when something is wrong: 429 and 503 say that nothing was enqueued, 408 that the job was taken back, 504 that
 * nobody knows. Secrets are sealed before they leave the process.
 */
export async function openSubmitter(options: Options) {
  const { backend, sealer, findKeyRows, waitTimeoutMs, onReplyLoss = () => {}, log } = options;
  const queue: CallQueue = backend.openQueue(callQueueName);
  const { replica, waiters, close: closeReplies } = await hearReplies(backend, queue);
  const length = createLengthLimit(queue, options.maxQueueLength);
  const enqueue = createEnqueuer({ queue, sealer, replica, length, waiters });
  const watch = watchForLostReplies({ waiters, queue, findKeyRows, onReplyLoss, log });

  async function giveUp(waiter: Waiter, outcome: Promise<Outcome>): Promise<Outcome> {
    if (await queue.withdraw(waiter.jobId).catch(() => false)) return takenBack(waiter, findKeyRows);
    const late = (await within(outcome, graceMs)) ?? (await findOutcome(waiter, { queue, findKeyRows }));
    return late ?? failed(faults.outcomeUnknown(waiter.requestId));
  }

  async function notEnqueued(error: unknown, waiter: Waiter, outcome: Promise<Outcome>): Promise<Outcome> {
    log.error({ err: error, request_id: waiter.requestId }, 'queue unavailable');
    if (nothingAdded(error)) return failed(faults.unavailable(waiter.requestId));
    return (await within(outcome, doubtMs)) ?? failed(faults.outcomeUnknown(waiter.requestId));
  }

  function isFull(): boolean {
    return waiters.size >= options.maxInFlight || length.isReached();
  }

  async function submit(submission: Submission, note: Note = () => {}): Promise<Outcome> {
    if (isFull()) return failed(faults.tooManyRequests());
    const jobId = randomUUID();
    const since = Date.now();
    const { request_id: requestId, i_wholesaler, idempotency_key, dry_run, paramsHashes } = submission;
    const key = (dry_run ? undefined : idempotency_key) ?? jobId;
    const waiter = { jobId, requestId, i_wholesaler, key, paramsHashes, since, note };
    const outcome = waiters.add(waiter);
    note({ jobId, queued: since });
    try {
      await enqueue(jobId, submission, since + waitTimeoutMs);
      return (await within(outcome, waitTimeoutMs)) ?? (await giveUp(waiter, outcome));
    } catch (error) {
      return await notEnqueued(error, waiter, outcome);
    } finally {
      waiters.forget(jobId);
    }
  }

  return {
    submit,
    /** True while every further call would be refused with fault 429. */
    isFull,
    /** How many calls wait for their outcome. */
    inFlight: () => waiters.size,
    workerCount: () => queue.workerCount(),
    async close(): Promise<void> {
      watch.close();
      await closeReplies();
      await queue.close();
    },
  };
}

export type Submitter = Awaited<ReturnType<typeof openSubmitter>>;
