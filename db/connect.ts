import knex, { type Knex } from 'knex';
import { endWhenSilent } from './silence.ts';

export type Database = Knex;

/** A server that does not answer must not hold a call: new connections are given up after this time. */
const connectTimeoutMs = 1500;

/** How long one connection may hold what others need, in milliseconds; 0 means for ever. */
export interface DatabaseTimeouts {
  readonly statementMs: number;
  readonly lockMs: number;
  readonly idleInTransactionMs: number;
}

/** They lie below the lock of a job in the queue: a frozen worker never holds the one that takes over its job. */
const callTimeouts: DatabaseTimeouts = { statementMs: 5000, lockMs: 4000, idleInTransactionMs: 5000 };

/** For migrations, which may take long and wait for each other. */
export const unlimited: DatabaseTimeouts = { statementMs: 0, lockMs: 0, idleInTransactionMs: 0 };

/**
 * Calls look up a few rows by their keys. What is planned while a table is small, checks of foreign keys included, is kept by
 * its connection, and would read the whole table once a hundred thousand customers were imported.
 */
const planForGrowth = '-c enable_seqscan=off';

/** PostgreSQL itself ends a statement at its limit. One that says nothing for so much longer is gone, or cannot be heard. */
const silenceMs = 2000;

/** knex prints failed statements by itself; ours reach the log once, from whoever catches them. */
const silent = { warn() {}, error() {}, deprecate() {}, debug() {} };

/**
 * Opens a pool of connections to PostgreSQL. Nothing is connected before the first query. Errors never carry bound
 * values, for those hold passwords.
 */
export function connect(options: {
  readonly url: string;
  readonly applicationName: string;
  readonly maxConnections: number;
  readonly timeouts?: DatabaseTimeouts;
}): Database {
  const timeouts = options.timeouts ?? callTimeouts;
  const connection = {
    connectionString: options.url,
    application_name: options.applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: timeouts.statementMs,
    lock_timeout: timeouts.lockMs,
    idle_in_transaction_session_timeout: timeouts.idleInTransactionMs,
    ...(timeouts === callTimeouts ? { options: planForGrowth } : {}),
    keepAlive: true,
  };
  return knex({
    client: 'pg',
    compileSqlOnError: false,
    log: silent,
    acquireConnectionTimeout: connectTimeoutMs,
    pool: {
      min: 0,
      max: options.maxConnections,
      afterCreate(client: Parameters<typeof endWhenSilent>[0], done: (error: null, client: unknown) => void) {
        if (timeouts.statementMs > 0) endWhenSilent(client, timeouts.statementMs + silenceMs);
        done(null, client);
      },
    },
    connection,
  });
}

/** Resolves when the database answers. */
export async function ping(db: Database): Promise<void> {
  await db.raw('SELECT 1');
}
