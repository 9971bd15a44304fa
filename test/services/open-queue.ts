import { createPostgresBackend, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { openBackend } from '../../cli/open-backend.ts';
import type { Database } from '../../db/connect.ts';
import { findKeyRows } from '../../db/idempotency.ts';
import type { Backend, JobQueue, JobWorker } from '../../queue/backend.ts';
import { type CallQueue, callQueueName, consumeCalls, type OpenJob } from '../../queue/consume.ts';
import {
  type Chunk,
  consumeImports,
  type ImportProducer,
  importQueueName,
  openImportProducer,
} from '../../queue/import-queue.ts';
import { openSubmitter, type Submission } from '../../queue/submit.ts';
import type { FindKeyRows } from '../../queue/truth.ts';
import { readSettings } from '../../runtime/config.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createSealer } from '../../runtime/seal.ts';
import { loadSecretKeys } from '../../runtime/secret-keys.ts';
import type { ChunkResult } from '../../schemas/import-job.ts';
import type { CreateCustomerJob, Outcome } from '../../schemas/jobs.ts';
import { createTestDatabase } from './database.ts';
import { type QueueKind, queueSettings } from './queues.ts';
import { serviceSettings } from './service.ts';

/** The secrets of `callOf`, which must not be found anywhere. */
export const clearSecrets = { web_password: 'Clear-Web-Secret-1', api_password: 'Clear-Api-Secret-2' };

/** A call as the front hands it over. */
export function callOf(name: string, more: Partial<Submission> = {}): Submission {
  return {
    request_id: `request-of-${name.replaceAll(' ', '-')}`,
    i_wholesaler: 1,
    caller: { mode: 'trusted', address: '127.0.0.1' },
    params: { name, i_tariff: 1, ...clearSecrets },
    paramsHashes: () => [`hash-of-${name}`],
    ...more,
  };
}

/** A job as a producer of another language writes it: with clear secrets, and nobody who waits. */
export function foreignJob(name: string, more: object = {}): CreateCustomerJob {
  const { paramsHashes: _, ...call } = callOf(name);
  return { version: 1, ...call, ...more };
}

/** A successful outcome. */
export function created(i_customer: number): Outcome {
  return { ok: true, i_customer, replayed: false };
}

/** A backend whose replies are all lost. */
export function losingReplies(backend: Backend): Backend {
  return { ...backend, replies: { ...backend.replies, publish: () => Promise.resolve() } };
}

/** A backend whose queues are changed. */
export function changingQueues(backend: Backend, change: (queue: CallQueue) => Partial<CallQueue>): Backend {
  return {
    ...backend,
    openQueue<Job extends object, Result>(name: string) {
      const queue = backend.openQueue<Job, Result>(name);
      return { ...queue, ...change(queue as unknown as CallQueue) } as JobQueue<Job, Result>;
    },
  };
}

/** Something that waits until a test lets it go on. */
function createGate() {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

async function readKey(redis: Redis, key: string): Promise<unknown> {
  const readers: Record<string, () => Promise<unknown>> = {
    string: () => redis.get(key),
    hash: () => redis.hgetall(key),
    list: () => redis.lrange(key, 0, -1),
    set: () => redis.smembers(key),
    zset: () => redis.zrange(key, '0', '-1'),
    stream: () => redis.xrange(key, '-', '+'),
  };
  return readers[await redis.type(key)]?.();
}

async function dumpRedis(url: string, prefix: string): Promise<string> {
  const redis = new Redis(url);
  try {
    const keys = await redis.keys(`${prefix}:*`);
    return JSON.stringify(await Promise.all(keys.map(async (key) => [key, await readKey(redis, key)])));
  } finally {
    redis.disconnect();
  }
}

async function dumpPostgres(db: Database): Promise<string> {
  const tables = await db('information_schema.tables').where({ table_schema: 'bullmq' }).pluck('table_name');
  return JSON.stringify(await Promise.all(tables.map((table) => db.withSchema('bullmq').from(table))));
}

/** The queue of single calls in a place of its own, and what its producers and consumers need. */
export async function openTestQueue(kind: QueueKind) {
  const { db, url, drop } = await createTestDatabase();
  const environment = { ...serviceSettings(url), ...queueSettings(kind) };
  const settings = readSettings(environment);
  const log = createLogger('silent');
  const sealer = createSealer(loadSecretKeys(settings));
  const backend = await openBackend(settings, { db, url, embedded: false }, log);
  const queue: CallQueue = backend.openQueue(callQueueName);
  const opened: { close(): Promise<void> }[] = [queue];
  const gates: ReturnType<typeof createGate>[] = [];

  return {
    db,
    backend,
    /** Settings of a program that works on this queue. */
    environment,
    /** The producing side, as a foreign producer or an operator has it. */
    queue,
    /** Opens a replica of the front. Its wait is longer than any test, unless the test is about the wait. */
    async openSubmitter(more: Partial<Parameters<typeof openSubmitter>[0]> = {}) {
      const limits = { waitTimeoutMs: 30_000, maxInFlight: 1000, maxQueueLength: 10_000 };
      const find: FindKeyRows = (calls) => findKeyRows(db, calls);
      const submitter = await openSubmitter({ backend, sealer, findKeyRows: find, log, ...limits, ...more });
      opened.push(submitter);
      return submitter;
    },
    /** Starts a worker. */
    consume(
      createCustomer: (job: OpenJob) => Promise<Outcome>,
      more: Partial<Parameters<typeof consumeCalls>[0]> = {},
    ) {
      const worker: JobWorker = consumeCalls({ backend, sealer, concurrency: 16, log, createCustomer, ...more });
      opened.push(worker);
      return worker;
    },
    /** Starts a worker for imports. */
    consumeImports(importChunk: (chunk: Chunk) => Promise<ChunkResult>) {
      opened.push(consumeImports({ backend, sealer, concurrency: 2, log, importChunk }));
    },
    /** Opens the producing side of the queue of imports, for jobs of any form. */
    openImports(): JobQueue<object, ChunkResult> {
      const imports = backend.openQueue<object, ChunkResult>(importQueueName);
      opened.push(imports);
      return imports;
    },
    /** The queue of imports as a program has it that knows nothing but BullMQ. */
    openForeignImports(): Pick<Queue, 'addBulk' | 'getJobCounts' | 'getJobCountByTypes'> {
      const { REDIS_URL, QUEUE_PREFIX: prefix } = settings;
      const imports =
        REDIS_URL === undefined
          ? new Queue(importQueueName, { connection: { connectionString: url } }, createPostgresBackend)
          : new Queue(importQueueName, { connection: { url: REDIS_URL }, prefix });
      opened.push(imports);
      return imports;
    },
    openProducer(): ImportProducer {
      const producer = openImportProducer(backend, sealer);
      opened.push(producer);
      return producer;
    },
    /** Makes a gate for processors to wait at. It opens in the end, also when the test has failed. */
    createGate() {
      const gate = createGate();
      gates.push(gate);
      return gate;
    },
    /** Everything that the store holds of the queue, as text. */
    dump: () =>
      settings.REDIS_URL === undefined ? dumpPostgres(db) : dumpRedis(settings.REDIS_URL, settings.QUEUE_PREFIX),
    /** Writes the row that a created customer leaves behind; for the tests, root stands for all customers. */
    async writeKeyRow({ i_wholesaler, key, params_hash }: { i_wholesaler: number; key: string; params_hash: string }) {
      await db('idempotency_keys').insert({ i_wholesaler, key, params_hash, i_customer: 1 });
    },
    /** Closes everything; fails when a connection to the database is left over. */
    async close() {
      for (const gate of gates) gate.open();
      for (const each of opened.reverse()) await each.close();
      await backend.close();
      await drop();
    },
  };
}

export type TestQueue = Awaited<ReturnType<typeof openTestQueue>>;
