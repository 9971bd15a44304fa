import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap, keysFit } from '../db/bootstrap.ts';
import { connect, unlimited } from '../db/connect.ts';
import { migrate, pendingMigrations } from '../db/migrate.ts';
import { migratePostgresQueue } from '../queue/postgres-backend.ts';
import { readOrMakeSecret } from '../runtime/kept-secret.ts';
import { createSealer } from '../runtime/seal.ts';
import type { Settings } from '../runtime/settings.ts';
import type { OpenDatabase } from './open-database.ts';
import { OperatorError } from './operator-error.ts';

const madePasswordBytes = 15;

/** Two: one holds the lock while the other runs the migrations. */
const migrationConnections = 2;

/** Where the API password of root is kept when it was made for an embedded database. */
export function rootPasswordFile(settings: Settings): string {
  return join(settings.DATA_DIR, 'root-api-password');
}

/** Runs every migration that is missing, also the queue's own when it lives in PostgreSQL. Returns their names. */
async function runMigrations(settings: Settings, url: string): Promise<readonly string[]> {
  const db = connect({
    url,
    applicationName: 'createcustomer migrate',
    maxConnections: migrationConnections,
    timeouts: unlimited,
  });
  try {
    const names = await migrate(db);
    if (settings.REDIS_URL !== undefined) return names;
    const client = await db.client.acquireConnection();
    await migratePostgresQueue(client).finally(() => db.client.releaseConnection(client));
    return names;
  } finally {
    await db.destroy();
  }
}

/** Root's API password: the one of the settings, or one that is made, and kept where the database is the embedded one. */
function rootApiPassword(settings: Settings, embedded: boolean): string {
  const make = () => randomBytes(madePasswordBytes).toString('base64url');
  return settings.ROOT_API_PASSWORD ?? (embedded ? readOrMakeSecret(rootPasswordFile(settings), make) : make());
}

/** @throws OperatorError when SECRET_KEYS are not those that the database was set up with */
export async function requireFittingKeys({ db }: OpenDatabase, secretKeys: readonly Buffer[]): Promise<void> {
  if (await keysFit(db, createSealer(secretKeys))) return;
  throw new OperatorError(
    'SECRET_KEYS (or DATA_DIR/secret-keys) do not open what this database stores: use the keys that it was set up with.',
  );
}

/**
 * Brings the database up to date and, if it is empty, sets up root. A password that was made for root is told once, by
 * `say`; with the embedded database it is also kept in a file that only its owner can read.
 * @throws OperatorError when the keys do not fit the database
 */
export async function prepareDatabase(options: {
  readonly settings: Settings;
  readonly database: OpenDatabase;
  readonly secretKeys: readonly Buffer[];
  readonly say: (line: string) => void;
}): Promise<readonly string[]> {
  const { settings, database, secretKeys, say } = options;
  const names = await runMigrations(settings, database.url);
  let password = '';
  const made = await bootstrap(database.db, {
    sealer: createSealer(secretKeys),
    realm: settings.DIGEST_REALM,
    rootApiPassword: () => {
      password = rootApiPassword(settings, database.embedded);
      return password;
    },
  });
  await requireFittingKeys(database, secretKeys);
  const where = database.embedded ? `kept in ${rootPasswordFile(settings)}` : 'shown only now';
  if (made && settings.ROOT_API_PASSWORD === undefined) say(`API password of root: ${password} (${where})`);
  return names;
}

/** @throws OperatorError that names the command when migrations are missing */
export async function requireMigrated({ db }: OpenDatabase): Promise<void> {
  const pending = await pendingMigrations(db);
  if (pending.length === 0) return;
  throw new OperatorError(
    `The database lacks ${pending.length} migration(s), from ${pending[0]}: run "createcustomer migrate" first.`,
  );
}

/** A command in the wrong folder must not make a new PostgreSQL there. */
export function requireDatabase({ DATABASE_URL, DATA_DIR }: Settings): void {
  if (DATABASE_URL !== undefined || existsSync(join(DATA_DIR, 'postgres'))) return;
  throw new OperatorError(
    `There is no database in ${DATA_DIR} yet: run "createcustomer migrate" first, or set DATABASE_URL or DATA_DIR.`,
  );
}
