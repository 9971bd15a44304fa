import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { Database } from '../db/connect.ts';
import { createProblemFinder, type SoundParams } from '../db/find-problems.ts';
import { findKeyRows } from '../db/idempotency.ts';
import type { OpenJob } from '../queue/consume.ts';
import { createLanes } from '../runtime/lanes.ts';
import type { Logger } from '../runtime/logger.ts';
import type { ParamsHashes } from '../runtime/params-hash.ts';
import { poolThreads } from '../runtime/pool-threads.ts';
import type { Sealer } from '../runtime/seal.ts';
import { reached } from '../runtime/steps.ts';
import { membersOfJson } from '../schemas/convert.ts';
import type { CreateCustomerParams } from '../schemas/create-customer.ts';
import { faults, type Problem, toFault } from '../schemas/faults.ts';
import type { Outcome } from '../schemas/jobs.ts';
import { createParameterCheck } from '../schemas/validate.ts';
import { createProtector, type HashPassword } from './protect-passwords.ts';
import { retryTransient, StillFailing } from './retry.ts';
import { createStore, type Stored, type StoreRequest } from './store.ts';

/** How long a job without a deadline is tried: it comes from a producer that does not wait. */
const defaultPatienceMs = 30_000;

/**
 * While jobs wait for their hash, hashed ones wait until half of those have joined them, and no longer than this. Each would otherwise go
 * alone through the database, the queue and the front, which together cost a third of what a hash does.
 */
const longestGatherMs = 200;

/** Each thread has a hash in hand and finds the next one ready: it would stand still until the main thread, which is busy too, gave it one. */
const hashesForAThread = 2;

interface Dependencies {
  readonly db: Database;
  readonly sealer: Sealer;
  readonly realm: string;
  readonly hashPassword: HashPassword;
  readonly hashParams: (params: Readonly<Record<string, unknown>>) => ParamsHashes;
  readonly log: Logger;
}

/** Calls that are in hand at the same time, and go into the database together. */
function createCompany(hashing: ReturnType<typeof createLanes>) {
  let size = 0;
  return {
    async join<T>(run: () => Promise<T>): Promise<T> {
      size += 1;
      try {
        return await run();
      } finally {
        size -= 1;
      }
    },
    /** A call that is alone waits for nothing; another one for those of the same turn, and for those that are hashed soon. */
    async gather(): Promise<void> {
      if (size === 1) return;
      await endOfTurn();
      await hashing.whenHalfServed(longestGatherMs);
    },
  };
}

function refused(problems: readonly [Problem, ...Problem[]]): Outcome {
  return { ok: false, fault: toFault(problems) };
}

/** A dry run neither uses nor takes the client's key. */
function clientKey(job: OpenJob): string | undefined {
  return job.dry_run ? undefined : job.idempotency_key;
}

/** Past its deadline no job is begun. */
function isLate({ deadline }: OpenJob): boolean {
  return deadline !== undefined && Date.now() >= deadline;
}

function toCreation(job: OpenJob, [paramsHash]: ParamsHashes): StoreRequest {
  return {
    i_wholesaler: job.i_wholesaler,
    key: clientKey(job) ?? job.id,
    paramsHash,
    mode: job.caller.mode,
    i_caller: job.caller.i_customer ?? null,
    address: job.caller.address,
    requestId: job.request_id,
    deadline: job.deadline ?? null,
    dryRun: job.dry_run === true,
  };
}

/**
 * A worker that had the job before, was lost and comes back may still create the customer: then nobody knows. Nor does one
 * that has had the job for longer than its lock lasts: if it stood still, another one has it now.
 */
function isSole({ isFirstRun, lockEndsAt, dry_run }: OpenJob): boolean {
  return dry_run === true || (isFirstRun && Date.now() < lockEndsAt);
}

function tooLate(job: OpenJob): Outcome {
  return refused([isSole(job) ? faults.timedOut() : faults.outcomeUnknown(job.request_id)]);
}

function answer(stored: Stored, job: OpenJob, hashes: ParamsHashes): Outcome {
  if ('problems' in stored) return refused(stored.problems);
  if ('late' in stored) return tooLate({ ...job, isFirstRun: false });
  if (!hashes.includes(stored.paramsHash)) return refused([faults.keyInUse()]);
  if (job.dry_run) return { ok: true, dry_run: true };
  const replayed = stored.replayed && clientKey(job) !== undefined;
  return { ok: true, i_customer: stored.i_customer, replayed };
}

/**
 * Makes the operation of the worker: a job in, the new customer's id or a fault out. It may be given the same job
 * twice, also at the same time, and then creates one customer.
 * @throws what nobody foresaw; the caller turns it into fault 500
 */
export function createCustomerCreator(dependencies: Dependencies): (job: OpenJob) => Promise<Outcome> {
  const { db, hashParams, log } = dependencies;
  const check = createParameterCheck();
  const hashing = createLanes(hashesForAThread * poolThreads());
  const hashPassword: HashPassword = (...args) => hashing.run(() => dependencies.hashPassword(...args));
  const protect = createProtector({ ...dependencies, hashPassword });
  const company = createCompany(hashing);
  const store = createStore(db, company.gather);
  const { findAll, findBeyondConstraints } = createProblemFinder(db);

  function findAllOf(job: OpenJob, params: SoundParams): Promise<readonly Problem[]> {
    return findAll(params, { mode: job.caller.mode, i_wholesaler: job.i_wholesaler });
  }

  /** What can be said before the costly hash: a replay, or a refusal. */
  async function answerEarly(job: OpenJob, params: CreateCustomerParams, hashes: ParamsHashes) {
    const late = isLate(job);
    if (late || clientKey(job) !== undefined) {
      const [earlier] = await findKeyRows(db, [toCreation(job, hashes)]);
      if (earlier) return answer({ ...earlier, replayed: true }, job, hashes);
    }
    if (late) return tooLate(job);
    const [problem, ...problems] = await findBeyondConstraints(params);
    return problem && refused([problem, ...problems, ...(await findAllOf(job, params))]);
  }

  async function create(job: OpenJob, params: CreateCustomerParams, deadline: number): Promise<Outcome> {
    const hashes = hashParams(params);
    const early = await retryTransient(deadline, () => answerEarly(job, params, hashes));
    if (early) return early;
    const customer = await protect(params, params, job.id);
    reached('hashed', job.request_id, job.id);
    const request = { customer, creation: toCreation(job, hashes) };
    const stored = await retryTransient(deadline, () => store(request, () => findAllOf(job, params)));
    if ('i_customer' in stored) reached('committed', job.request_id, job.id);
    return answer(stored, job, hashes);
  }

  function unavailable({ cause, maybeDone }: StillFailing, job: OpenJob): Outcome {
    const { request_id: requestId } = job;
    log.error({ err: cause, request_id: requestId }, 'database unavailable');
    const isOpen = maybeDone || !isSole(job);
    return refused([isOpen ? faults.outcomeUnknown(requestId) : faults.unavailable(requestId)]);
  }

  return async function createCustomer(job) {
    const deadline = job.deadline ?? Date.now() + defaultPatienceMs;
    const checked = check(membersOfJson(job.params));
    try {
      if (checked.ok) return await company.join(() => create(job, checked.params, deadline));
      const others = await retryTransient(deadline, () => findAllOf(job, checked.sound));
      return refused([...checked.problems, ...others]);
    } catch (error) {
      if (error instanceof StillFailing) return unavailable(error, job);
      throw error;
    }
  };
}
