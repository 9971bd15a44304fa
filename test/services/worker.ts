import { randomUUID } from 'node:crypto';
import type { Database } from '../../db/connect.ts';
import type { OpenJob } from '../../queue/consume.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createParamsHasher } from '../../runtime/params-hash.ts';
import { createSealer } from '../../runtime/seal.ts';
import type { Outcome } from '../../schemas/jobs.ts';
import { createCustomerCreator } from '../../worker/create-customer.ts';
import { createPasswordHasher } from '../../worker/passwords.ts';
import { cheapHashing, secretKeys } from './constants.ts';

/** The operation of a worker that has just started, without its queue and with the cheapest hashing there is. */
export function createTestWorker(db: Database): (job: OpenJob) => Promise<Outcome> {
  const keys = [Buffer.from(secretKeys, 'base64')];
  const cost = { memoryKib: Number(cheapHashing.ARGON2_MEMORY_KIB), timeCost: Number(cheapHashing.ARGON2_TIME_COST) };
  return createCustomerCreator({
    db,
    sealer: createSealer(keys),
    realm: 'xmlapi',
    hashPassword: createPasswordHasher(cost),
    hashParams: createParamsHasher(keys),
    log: createLogger('silent'),
  });
}

const lockMs = 10_000;

/** A job as a worker takes it, with a name of its own unless one is given. */
export function jobOf(params: OpenJob['params'], more: Partial<OpenJob> = {}): OpenJob {
  const id = randomUUID();
  return {
    version: 1,
    id,
    addedAt: Date.now(),
    isFirstRun: true,
    lockEndsAt: Date.now() + lockMs,
    request_id: `request-${id}`,
    i_wholesaler: 1,
    caller: { mode: 'trusted', address: '127.0.0.1' },
    params: { name: `Customer ${id}`, web_password: 'correct7horse', i_tariff: 1, ...params },
    ...more,
  };
}

/** The id of the customer that was created; fails on a fault. */
export function idOf(outcome: Outcome): number {
  if (outcome.ok && 'i_customer' in outcome) return outcome.i_customer;
  throw new Error(JSON.stringify(outcome));
}

/** The outcome with this fault and its lines. */
export function fault(code: number, ...lines: readonly string[]): Outcome {
  return { ok: false, fault: { code, text: lines.join('\n') } };
}
