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

/** Set on a pool whose connections go through PgBouncer in transaction mode. */
interface PoolParams {
  readonly isShared?: boolean;
}

/**
 * True when the statements of a pool may meet another connection of the server each time, as PgBouncer in transaction mode
 * gives them: nothing that a connection would remember can be relied on.
 */
export function isShared(db: Database): boolean {
  return (db.userParams as PoolParams | undefined)?.isShared === true;
}

/** PgBouncer refuses what it does not know of a new connection: there the role has the time limits. */
function limits({ statementMs, lockMs, idleInTransactionMs }: DatabaseTimeouts) {
  return {
    statement_timeout: statementMs,
    lock_timeout: lockMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
  };
}

/**
 * The SQL that gives a role the time limits of calls, for a database behind PgBouncer, when its own are others or none.
 * Undefined when they are tight enough.
 */
export async function missingLimits(db: Database): Promise<string | undefined> {
  const wanted = Object.entries(limits(callTimeouts));
  const { rows } = await db.raw(
    'SELECT name, setting::int AS ms, current_user AS role FROM pg_settings WHERE name = ANY(?)',
    [wanted.map(([name]) => name)],
  );
  const found = new Map<string, number>(rows.map(({ name, ms }: { name: string; ms: number }) => [name, ms]));
  const missing = wanted.filter(([name, most]) => {
    const ms = found.get(name) ?? 0;
    return ms === 0 || ms > most;
  });
  const role = `"${String(rows[0]?.role).replaceAll('"', '""')}"`;
  return missing.length === 0
    ? undefined
    : missing.map(([name, ms]) => `ALTER ROLE ${role} SET ${name} = ${ms};`).join(' ');
}

/**
 * Opens a pool of connections to PostgreSQL. Nothing is connected before the first query. Errors never carry bound
 * values, for those hold passwords.
 */
export function connect(options: {
  readonly url: string;
  readonly applicationName: string;
  readonly maxConnections: number;
  readonly timeouts?: DatabaseTimeouts;
  /** What stands between: nothing, or PgBouncer in transaction mode, where the role has the time limits. */
  readonly pooler?: 'none' | 'transaction';
}): Database {
  const timeouts = options.timeouts ?? callTimeouts;
  const connection = {
    connectionString: options.url,
    application_name: options.applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    ...(options.pooler === 'transaction' ? {} : limits(timeouts)),
    // PgBouncer refuses it; behind it statements are planned each time, when they run.
    ...(options.pooler === 'transaction' || timeouts !== callTimeouts ? {} : { options: planForGrowth }),
    keepAlive: true,
  };
  const db = knex({
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
  return options.pooler === 'transaction' ? db.withUserParams({ isShared: true } satisfies PoolParams) : db;
}

/** Resolves when the database answers. */
export async function ping(db: Database): Promise<void> {
  await db.raw('SELECT 1');
}
