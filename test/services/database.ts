import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { connect, type Database, unlimited } from '../../db/connect.ts';

export interface TestDatabase {
  readonly url: string;
  readonly db: Database;
  /** Drops it; fails when something is still connected, for that is a leak. */
  drop(): Promise<void>;
}

/** Without time limits: creating and dropping a database waits for the disk, which many test files share. */
async function asAdmin(run: (admin: Database) => Promise<unknown>): Promise<void> {
  const url = inject('postgresUrl');
  const admin = connect({ url, applicationName: 'tests', maxConnections: 1, timeouts: unlimited });
  try {
    await run(admin);
  } finally {
    await admin.destroy();
  }
}

async function create(template: string): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await asAdmin((admin) => admin.raw(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  const url = inject('postgresUrl').replace(/postgres$/, name);
  const db = connect({ url, applicationName: 'tests', maxConnections: 4 });
  return {
    url,
    db,
    async drop() {
      await db.destroy();
      await asAdmin((admin) => admin.raw(`DROP DATABASE ${name}`));
    },
  };
}

/** A database of its own for a test file: migrated, with root, its tariff and its routing group. */
export function createTestDatabase(): Promise<TestDatabase> {
  return create('template_migrated');
}

/** A database with nothing in it. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return create('template0');
}
