import type { Database } from '../db/connect.ts';
import type { Backend, JobWorker } from '../queue/backend.ts';
import { consumeCalls } from '../queue/consume.ts';
import type { Logger } from '../runtime/logger.ts';
import { createParamsHasher } from '../runtime/params-hash.ts';
import { createSealer } from '../runtime/seal.ts';
import type { Settings } from '../runtime/settings.ts';
import { createCustomerCreator } from '../worker/create-customer.ts';
import { createPasswordHasher } from '../worker/passwords.ts';
import { startPurging } from '../worker/purge-keys.ts';

/** What every role stands on. */
export interface Ground {
  readonly settings: Settings;
  readonly secretKeys: readonly Buffer[];
  readonly db: Database;
  readonly backend: Backend;
  readonly log: Logger;
}

/** Wires and starts the worker role. */
export function startWorker({ settings, secretKeys, db, backend, log }: Ground): JobWorker {
  const sealer = createSealer(secretKeys);
  const cost = { memoryKib: settings.ARGON2_MEMORY_KIB, timeCost: settings.ARGON2_TIME_COST };
  const createCustomer = createCustomerCreator({
    db,
    sealer,
    realm: settings.DIGEST_REALM,
    hashPassword: createPasswordHasher(cost),
    hashParams: createParamsHasher(secretKeys),
    log,
  });
  const calls = consumeCalls({ backend, sealer, concurrency: settings.WORKER_CONCURRENCY, log, createCustomer });
  const purging = startPurging({ db, olderThanDays: settings.IDEMPOTENCY_TTL_DAYS, log });
  return {
    async close() {
      await Promise.all([calls.close(), purging.close()]);
    },
  };
}
