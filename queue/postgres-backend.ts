import { createPostgresBackend, type PgPoolClient, Queue, runMigrations, Worker } from 'bullmq';
import type { Backend, ReplyChannel } from './backend.ts';
import { finishedAge, openBullWorker, usuallyKept, workerOptions, wrapQueue } from './bullmq.ts';
import { startTrimming } from './trim-finished.ts';

/** NOTIFY carries less than 8000 bytes. */
const maxMessageBytes = 7999;

const connectTimeoutMs = 1500;
const queryTimeoutMs = 2000;

/** Below the lock of a job, so that a worker whose connection was cut can still take a new one in time. */
const consumerQueryTimeoutMs = 5000;
const producerConnections = 4;
const consumerConnections = 8;

/** What the queue needs of the database, passed in by the composition root. */
export interface PostgresLink {
  readonly url: string;
  notify(channel: string, payload: string): Promise<void>;
  listen(channel: string, onPayload: (payload: string) => void): Promise<{ close(): Promise<void> }>;
  ping(): Promise<void>;
  claimOnce(claim: string, lifetimeMs: number): Promise<boolean>;
  /** True for errors which say that a statement never reached the server. */
  isUnreachable(error: unknown): boolean;
}

/** Brings the queue's own schema in PostgreSQL up to date. Safe when two processes do it at once. */
export async function migratePostgresQueue(client: PgPoolClient): Promise<void> {
  await runMigrations(client);
}

function createReplies(link: PostgresLink): ReplyChannel {
  const channel = (replica: string) => `reply_${replica}`;
  return {
    maxMessageBytes,
    publish: (replica, message) => link.notify(channel(replica), message),
    subscribe: (replica, onMessage) => link.listen(channel(replica), onMessage),
  };
}

/** Opens the queue in PostgreSQL. Its schema must be up to date: `migratePostgresQueue`. */
export function openPostgresBackend(link: PostgresLink, onError: (error: Error) => void): Backend {
  const connection = { connectionString: link.url, connectionTimeoutMillis: connectTimeoutMs, keepAlive: true };

  return {
    kind: 'postgres',
    replies: createReplies(link),
    openQueue(name) {
      const producer = { ...connection, max: producerConnections, query_timeout: queryTimeoutMs };
      const queue = new Queue(name, { connection: producer }, createPostgresBackend);
      queue.on('error', onError);
      return wrapQueue(queue, link.isUnreachable);
    },
    openWorker(name, { concurrency, keep }, process) {
      const consumer = { ...connection, max: consumerConnections, query_timeout: consumerQueryTimeoutMs };
      // A few are counted at the end of each job; many are trimmed from time to time.
      const { removeOnComplete, ...usual } = workerOptions(keep);
      const options = { ...usual, ...(keep ? { removeOnComplete } : {}), connection: consumer, concurrency };
      const worker = openBullWorker(process, (run) =>
        new Worker(name, run, options, createPostgresBackend).on('error', onError),
      );
      const trimmed = { ...connection, max: 1, query_timeout: consumerQueryTimeoutMs };
      const queue = new Queue(name, { connection: trimmed }, createPostgresBackend).on('error', onError);
      const trimming = startTrimming(queue, { age: finishedAge, count: (keep ?? usuallyKept).finished }, onError);
      return {
        async close() {
          await worker.close();
          await trimming.close();
        },
      };
    },
    claimOnce: link.claimOnce,
    ping: link.ping,
    close: () => Promise.resolve(),
  };
}
