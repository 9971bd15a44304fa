import { UnrecoverableError } from 'bullmq';
import type { Logger } from '../runtime/logger.ts';
import type { Sealer } from '../runtime/seal.ts';
import { reached } from '../runtime/steps.ts';
import { inSpan, inTrace } from '../runtime/tracing.ts';
import { faults } from '../schemas/faults.ts';
import { type CreateCustomerJob, createJobCheck, type Outcome } from '../schemas/jobs.ts';
import type { Backend, JobQueue, JobWorker, TakenJob } from './backend.ts';
import { hasSecrets, openSecrets, sealSecrets } from './secrets.ts';
import type { JobTimes } from './waiters.ts';

/** A job whose envelope is right, with its secrets opened among its parameters. */
export interface OpenJob extends CreateCustomerJob {
  readonly id: string;
  /** When it was put into the queue: Unix time in ms, by the clock of the producer. */
  readonly addedAt: number;
  /** False when another worker had it before and was lost: that one may still be at it. */
  readonly isFirstRun: boolean;
  /** When the lock of its first run ends unless it is renewed, Unix time in ms. A worker that stands still does not renew it. */
  readonly lockEndsAt: number;
}

/** The queue of single calls. Bulk work has a queue of its own. */
export const callQueueName = 'create-customer';

export type CallQueue = JobQueue<CreateCustomerJob, Outcome>;

/** What a replica is told of its job. */
interface Done {
  readonly outcome: Outcome;
  readonly times: JobTimes;
}

function isCreated(outcome: Outcome): boolean {
  return outcome.ok && 'i_customer' in outcome && !outcome.replayed;
}

function refusal(text: string): Outcome {
  return { ok: false, fault: { code: 400, text } };
}

/** A job goes on with the trace of whoever put it into the queue, if it names one. */
function traced<Result>(process: (job: TakenJob) => Promise<Result>): (job: TakenJob) => Promise<Result> {
  return (job) => {
    const { traceparent } = (job.data ?? {}) as { readonly traceparent?: unknown };
    const given = typeof traceparent === 'string' ? traceparent : undefined;
    return inTrace(given, () => inSpan({ name: `process ${callQueueName}`, kind: 'consumer' }, () => process(job)));
  };
}

/**
 * Takes jobs from the queue of single calls, gives them to `createCustomer`, and sends each outcome to the replica that
 * waits for it. A job that a producer got wrong ends in a fault with the reason, and never reaches `createCustomer`.
 * Secrets that a foreign producer sent in clear are sealed first of all.
 */
export function consumeCalls(options: {
  readonly backend: Backend;
  readonly sealer: Sealer;
  readonly concurrency: number;
  readonly log: Logger;
  readonly createCustomer: (job: OpenJob) => Promise<Outcome>;
}): JobWorker {
  const { backend, sealer, log, createCustomer } = options;
  const isJob = createJobCheck();

  async function open(job: TakenJob, data: CreateCustomerJob): Promise<OpenJob> {
    if (hasSecrets(data.params)) await job.replaceData({ ...data, ...sealSecrets(sealer, job.id, data.params) });
    const secrets = data.sealed === undefined ? {} : openSecrets(sealer, job.id, data.sealed);
    // Into what BullMQ read for this run, and writes nowhere: to copy sixty members and add to them takes V8 ten microseconds.
    Object.assign(data.params, secrets);
    const { id, addedAt, isFirstRun, lockEndsAt } = job;
    return { id, addedAt, isFirstRun, lockEndsAt, ...data };
  }

  async function run(job: TakenJob, data: CreateCustomerJob): Promise<Outcome> {
    try {
      return await createCustomer(await open(job, data));
    } catch (error) {
      log.error({ err: error, request_id: data.request_id, job_id: job.id }, 'job failed');
      return { ok: false, fault: faults.internal(data.request_id) };
    }
  }

  async function reply(replica: string, jobId: string, { outcome, times }: Done): Promise<void> {
    const message = JSON.stringify({ job_id: jobId, outcome, times });
    const fits = Buffer.byteLength(message) <= backend.replies.maxMessageBytes;
    await backend.replies.publish(replica, fits ? message : JSON.stringify({ job_id: jobId, times }));
  }

  /** Nobody knows where in such a job passwords stand in clear, so the queue keeps nothing of it but the reasons. */
  async function refuse(job: TakenJob, errors: typeof isJob.errors): Promise<Outcome> {
    const reasons = (errors ?? []).map((error) => `job${error.instancePath} ${error.message}`);
    log.warn({ job_id: job.id, reasons }, 'job refused: it does not follow the contract of jobs');
    await job.replaceData({});
    return refusal(['The job does not follow its schema', ...reasons].join('\n'));
  }

  async function process(job: TakenJob): Promise<Outcome> {
    const { data } = job;
    if (!isJob(data)) return refuse(job, isJob.errors);
    log.debug({ request_id: data.request_id, job_id: job.id }, 'job taken');
    reached('taken', data.request_id, job.id);
    const taken = Date.now();
    const outcome = await run(job, data);
    const times = { taken, ...(isCreated(outcome) ? { committed: Date.now() } : {}) };
    if (data.reply_to !== undefined) {
      await reply(data.reply_to, job.id, { outcome, times }).catch((error: unknown) =>
        log.warn({ err: error }, 'reply not sent'),
      );
      reached('replied', data.request_id, job.id);
    }
    // Such a job shows as failed, so that an operator sees it; its caller has been answered, so that it does not run again.
    if (!outcome.ok && outcome.fault.code === 500) throw new UnrecoverableError(outcome.fault.text);
    return outcome;
  }

  return backend.openWorker(callQueueName, { concurrency: options.concurrency }, traced(process));
}
