import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { OpenJob } from '../queue/consume.ts';
import type { Logger } from '../runtime/logger.ts';
import { retryChannelName, type StepReached, stepChannelName } from '../runtime/steps.ts';
import type { Outcome } from '../schemas/jobs.ts';
import type { Observer } from './observe.ts';

type CreateCustomer = (job: OpenJob) => Promise<Outcome>;
type HashPassword = (password: string, jobId?: string) => Promise<string>;

/** What is found out about a job while it runs. */
interface Run {
  hashMs?: number;
  hashedAt?: number;
  transactionMs?: number;
}

function rounded(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms);
}

function codeOf(outcome: Outcome | undefined): string {
  if (!outcome) return '500';
  return outcome.ok ? 'OK' : `${outcome.fault.code}`;
}

/** What the log says of a job. */
function logLine(job: OpenJob, run: Run, outcome: Outcome | undefined): Readonly<Record<string, unknown>> {
  return {
    request_id: job.request_id,
    job_id: job.id,
    i_wholesaler: job.i_wholesaler,
    i_customer: outcome?.ok && 'i_customer' in outcome ? outcome.i_customer : undefined,
    outcome: codeOf(outcome),
    hash_ms: rounded(run.hashMs),
    transaction_ms: rounded(run.transactionMs),
  };
}

/**
 * Watches the jobs of a worker from outside, by the steps that the operation publishes: their times for metrics and overview,
 * and a line in the log for each job.
 */
export function observeJobs(observer: Observer, log: Logger) {
  const runs = new Map<string, Run>();

  function onStep(message: unknown): void {
    const { step, jobId = '' } = message as StepReached;
    const run = runs.get(jobId);
    if (!run) return;
    if (step === 'hashed') run.hashedAt = performance.now();
    if (step !== 'committed' || run.hashedAt === undefined) return;
    run.transactionMs = performance.now() - run.hashedAt;
    observer.committed(run.transactionMs);
  }
  const onRetry = () => observer.metrics.retry();
  subscribe(stepChannelName, onStep);
  subscribe(retryChannelName, onRetry);

  async function run(job: OpenJob, createCustomer: CreateCustomer): Promise<Outcome> {
    const found: Run = {};
    const started = Date.now();
    // The clocks of two machines may differ.
    const waitMs = Math.max(0, started - job.addedAt);
    observer.waited(waitMs);
    observer.metrics.jobsInFlight.inc();
    runs.set(job.id, found);
    let outcome: Outcome | undefined;
    try {
      outcome = await createCustomer(job);
      return outcome;
    } finally {
      runs.delete(job.id);
      observer.metrics.jobsInFlight.dec();
      log.info({ ...logLine(job, found, outcome), wait_ms: waitMs, ms: Date.now() - started }, 'job');
    }
  }

  return {
    /** The operation, watched. */
    createCustomer: (createCustomer: CreateCustomer): CreateCustomer => {
      return (job) => run(job, createCustomer);
    },
    /** The hashing, watched: of single calls and of imports. */
    hashPassword: (hashPassword: HashPassword): HashPassword => {
      return async (password, jobId = '') => {
        const started = performance.now();
        const hash = await hashPassword(password);
        const ms = performance.now() - started;
        observer.hashed(ms);
        const job = runs.get(jobId);
        if (job) job.hashMs = ms;
        return hash;
      };
    },
    close(): void {
      unsubscribe(stepChannelName, onStep);
      unsubscribe(retryChannelName, onRetry);
    },
  };
}
