import { unlimited } from '../db/connect.ts';
import { loadSettings } from '../runtime/config.ts';
import { loadSecretKeys } from '../runtime/secret-keys.ts';
import { createCloser } from '../runtime/shutdown.ts';
import { openDatabase } from './open-database.ts';
import { prepareDatabase } from './prepare-database.ts';
import { say } from './say.ts';

/** Brings the database up to date, sets up an empty one, and says what it did. */
export async function runMigrate(): Promise<void> {
  const settings = loadSettings();
  const secretKeys = loadSecretKeys(settings);
  const closer = createCloser();
  try {
    const database = await openDatabase(settings, closer, unlimited);
    const names = await prepareDatabase({ settings, database, secretKeys, say });
    for (const name of names) say(`migrated ${name}`);
    say(names.length === 0 ? 'The database was up to date.' : 'The database is up to date.');
  } finally {
    await closer.closeAll();
  }
}
