import { availableParallelism } from 'node:os';
import type { Database } from '../db/connect.ts';
import type { Backend, JobWorker } from '../queue/backend.ts';
import { consumeCalls } from '../queue/consume.ts';
import { consumeImports } from '../queue/import-queue.ts';
import type { Logger } from '../runtime/logger.ts';
import { createParamsHasher } from '../runtime/params-hash.ts';
import { createPrecedence } from '../runtime/precedence.ts';
import { createSealer } from '../runtime/seal.ts';
import type { Settings } from '../runtime/settings.ts';
import { createCustomerCreator } from '../worker/create-customer.ts';
import { createChunkImporter } from '../worker/import-chunk.ts';
import { createPasswordHasher } from '../worker/passwords.ts';
import { startPurging } from '../worker/purge-expired.ts';
import { shieldChunks } from '../worker/shield-chunks.ts';
import type { Observer } from './observe.ts';
import { observeJobs } from './observe-jobs.ts';

/** One chunk is prepared, its passwords hashed, while the other is inserted. */
const chunksAtATime = 2;

/** Single calls hold an import back, each of its steps for no longer than this. */
const longestGiveWayMs = 100;

/** What every role stands on. */
export interface Ground {
  readonly settings: Settings;
  readonly secretKeys: readonly Buffer[];
  readonly db: Database;
  readonly backend: Backend;
  readonly observer: Observer;
  readonly log: Logger;
}

function hasherOf({ ARGON2_MEMORY_KIB, ARGON2_TIME_COST }: Settings) {
  return createPasswordHasher({ memoryKib: ARGON2_MEMORY_KIB, timeCost: ARGON2_TIME_COST });
}

/** Wires and starts what takes chunks of imports; single calls of the same process go first. */
export function startImportWorker(
  { settings, secretKeys, db, backend, log }: Omit<Ground, 'observer'>,
  { hashPassword = hasherOf(settings), precedence = createPrecedence(longestGiveWayMs) } = {},
): JobWorker {
  const sealer = createSealer(secretKeys);
  const importChunk = createChunkImporter({
    db,
    sealer,
    realm: settings.DIGEST_REALM,
    hashPassword,
    hashesAtATime: availableParallelism(),
    hashParams: createParamsHasher(secretKeys),
    precedence,
  });
  return consumeImports({
    backend,
    sealer,
    concurrency: chunksAtATime,
    log,
    importChunk: shieldChunks(importChunk, log),
  });
}

/** Wires and starts the worker role. */
export function startWorker(ground: Ground): JobWorker {
  const { settings, secretKeys, db, backend, observer, log } = ground;
  const observed = observeJobs(observer, log);
  const hashPassword = observed.hashPassword(hasherOf(settings));
  const sealer = createSealer(secretKeys);
  const operation = createCustomerCreator({
    db,
    sealer,
    realm: settings.DIGEST_REALM,
    hashPassword,
    hashParams: createParamsHasher(secretKeys),
    log,
  });
  const createCustomer = observed.createCustomer(operation);
  const precedence = createPrecedence(longestGiveWayMs);
  const calls = consumeCalls({
    ...{ backend, sealer, log, concurrency: settings.WORKER_CONCURRENCY },
    createCustomer: (job) => precedence.hold(() => createCustomer(job)),
  });
  const imports = startImportWorker(ground, { hashPassword, precedence });
  const purging = startPurging({ db, olderThanDays: settings.IDEMPOTENCY_TTL_DAYS, log });
  return {
    async close() {
      await Promise.all([calls.close(), imports.close(), purging.close()]);
      observed.close();
    },
  };
}
