import { connect, type Database, type DatabaseTimeouts, missingLimits, ping } from '../db/connect.ts';
import { violation } from '../db/violations.ts';
import { startEmbeddedPostgres } from '../embedded/postgres.ts';
import type { Settings } from '../runtime/settings.ts';
import type { Closer } from '../runtime/shutdown.ts';
import { OperatorError } from './operator-error.ts';

const maxConnections = 20;
const embeddedDatabase = 'postgres';

/** Details of errors hold names and logins: they stay out of the server's log. */
const discreetLog = { log_error_verbosity: 'terse' };

export interface OpenDatabase {
  readonly db: Database;
  /** The server itself, past any PgBouncer: for what needs a connection of its own. */
  readonly url: string;
  /** True when it is the embedded one, which belongs to this installation alone. */
  readonly embedded: boolean;
}

async function findUrl(settings: Settings, closer: Closer): Promise<string> {
  if (settings.DATABASE_URL !== undefined) return settings.DATABASE_URL;
  const postgres = await startEmbeddedPostgres({ dataDir: settings.DATA_DIR, settings: discreetLog });
  closer.add('embedded PostgreSQL', () => postgres.stop());
  return postgres.url(embeddedDatabase);
}

/** Time limits that nobody keeps would only show when a worker hangs. */
async function requireLimits(db: Database, isPooled: boolean): Promise<void> {
  const sql = await missingLimits(db);
  if (sql === undefined) return;
  throw new OperatorError(
    isPooled
      ? `Behind PgBouncer the role needs time limits. Run this SQL, then RECONNECT in PgBouncer: ${sql}`
      : 'What stands before PostgreSQL drops the time limits of statements: set DATABASE_DIRECT_URL to the server itself, too.',
  );
}

/**
 * Opens the database of the settings, which starts the embedded PostgreSQL if there is no DATABASE_URL. Other time limits
 * than those of calls need connections of their own: they go past PgBouncer.
 * @throws OperatorError when it does not answer, or statements have no time limits there
 */
export async function openDatabase(
  settings: Settings,
  closer: Closer,
  timeouts?: DatabaseTimeouts,
): Promise<OpenDatabase> {
  const url = await findUrl(settings, closer);
  const direct = settings.DATABASE_DIRECT_URL ?? url;
  const isPooled = settings.DATABASE_DIRECT_URL !== undefined && timeouts === undefined;
  const db = connect({
    url: isPooled ? url : direct,
    applicationName: 'createcustomer',
    maxConnections,
    pooler: isPooled ? 'transaction' : 'none',
    ...(timeouts ? { timeouts } : {}),
  });
  closer.add('database', () => db.destroy());
  await ping(db).catch((error: unknown) => {
    const { code = '' } = error as { code?: string };
    const refused = /^(28|3D)/.test(code);
    if (refused || violation(error).kind !== 'unreachable') throw error;
    throw new OperatorError('PostgreSQL does not answer: start it, or correct DATABASE_URL.');
  });
  if (timeouts === undefined) await requireLimits(db, isPooled);
  return { db, url: direct, embedded: settings.DATABASE_URL === undefined };
}
