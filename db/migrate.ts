import type { Knex } from 'knex';
import type { Database } from './connect.ts';
import { migrations } from './migrations/list.ts';

/** Serialises migrations of several processes; the number spells XRPC. */
const migrationLock = 0x58525043;

type Migration = (typeof migrations)[number];

const source: Knex.MigrationSource<Migration> = {
  getMigrations: () => Promise.resolve([...migrations]),
  getMigrationName: (migration) => migration.name,
  getMigration: (migration) =>
    Promise.resolve({
      up: (trx) => trx.raw(migration.sql),
      down: () => Promise.reject(new Error('Migrations are append-only: there is no way back')),
    }),
};

/**
 * Brings the schema up to date and returns the names of the migrations that it ran. Two processes may call it at once:
 * the second waits, and then finds nothing to do. A process that was killed half-way leaves nothing behind, for each
 * migration is one transaction, and the lock ends with the connection.
 */
export async function migrate(db: Database): Promise<readonly string[]> {
  return db.transaction(async (lock) => {
    await lock.raw('SELECT pg_advisory_xact_lock(?)', [migrationLock]);
    await db.migrate.forceFreeMigrationsLock();
    const [, names] = await db.migrate.latest({ migrationSource: source });
    return names;
  });
}

/** The names of the migrations that the database lacks. Reads only. */
export async function pendingMigrations(db: Database): Promise<readonly string[]> {
  const names = migrations.map((migration) => migration.name);
  const { rows } = await db.raw("SELECT to_regclass('knex_migrations') IS NOT NULL AS present");
  if (!rows[0].present) return names;
  const done = new Set(await db('knex_migrations').pluck('name'));
  return names.filter((name) => !done.has(name));
}
