import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { administrationProblem } from '../../db/administration-problems.ts';
import type { DatabaseTimeouts } from '../../db/connect.ts';
import { loadSettings } from '../../runtime/config.ts';
import { loadSecretKeys } from '../../runtime/secret-keys.ts';
import type { Settings } from '../../runtime/settings.ts';
import { createCloser } from '../../runtime/shutdown.ts';
import { explain } from '../explain-error.ts';
import { openDatabase } from '../open-database.ts';
import { OperatorError } from '../operator-error.ts';
import { requireFittingKeys, requireMigrated } from '../prepare-database.ts';
import type { AdminGround } from './on-database.ts';

/** A list of a large table takes longer than a call may; what others wait for is not held longer than by a call. */
const timeouts: DatabaseTimeouts = { statementMs: 120_000, lockMs: 4000, idleInTransactionMs: 5000 };

/** A command in the wrong folder must not make a new PostgreSQL there. */
function requireDatabase({ DATABASE_URL, DATA_DIR }: Settings): void {
  if (DATABASE_URL !== undefined || existsSync(join(DATA_DIR, 'postgres'))) return;
  throw new OperatorError(
    `There is no database in ${DATA_DIR} yet: run "createcustomer migrate" first, or set DATABASE_URL or DATA_DIR.`,
  );
}

/** See `onDatabase`. */
export async function runOnDatabase(work: (ground: AdminGround) => Promise<void>): Promise<void> {
  const settings = loadSettings();
  requireDatabase(settings);
  const closer = createCloser();
  try {
    const database = await openDatabase(settings, closer, timeouts);
    await requireMigrated(database);
    const { db, embedded } = database;
    await work({
      settings,
      db,
      embedded,
      async fittingKeys() {
        const keys = loadSecretKeys(settings);
        await requireFittingKeys(database, keys);
        return keys;
      },
    });
  } catch (error) {
    const problem = explain(error) === undefined ? administrationProblem(error) : undefined;
    throw problem === undefined ? error : new OperatorError(problem);
  } finally {
    await closer.closeAll();
  }
}
