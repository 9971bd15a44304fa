import { connect, type Database, type DatabaseTimeouts, ping } from '../db/connect.ts';
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

/**
 * Opens the database of the settings, which starts the embedded PostgreSQL if there is no DATABASE_URL.
 * @throws OperatorError when it does not answer
 */
export async function openDatabase(
  settings: Settings,
  closer: Closer,
  timeouts?: DatabaseTimeouts,
): Promise<OpenDatabase> {
  const url = await findUrl(settings, closer);
  const db = connect({ url, applicationName: 'createcustomer', maxConnections, ...(timeouts ? { timeouts } : {}) });
  closer.add('database', () => db.destroy());
  await ping(db).catch((error: unknown) => {
    const { code = '' } = error as { code?: string };
    const refused = /^(28|3D)/.test(code);
    if (refused || violation(error).kind !== 'unreachable') throw error;
    throw new OperatorError('PostgreSQL does not answer: start it, or correct DATABASE_URL.');
  });
  return { db, url, embedded: settings.DATABASE_URL === undefined };
}
