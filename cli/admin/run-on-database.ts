import { administrationProblem } from '../../db/administration-problems.ts';
import type { DatabaseTimeouts } from '../../db/connect.ts';
import { loadSettings } from '../../runtime/config.ts';
import { loadSecretKeys } from '../../runtime/secret-keys.ts';
import { createCloser } from '../../runtime/shutdown.ts';
import { explain } from '../explain-error.ts';
import { openDatabase } from '../open-database.ts';
import { OperatorError } from '../operator-error.ts';
import { requireDatabase, requireFittingKeys, requireMigrated } from '../prepare-database.ts';
import type { AdminGround } from './on-database.ts';

/** A list of a large table takes longer than a call may; what others wait for is not held longer than by a call. */
const timeouts: DatabaseTimeouts = { statementMs: 120_000, lockMs: 4000, idleInTransactionMs: 5000 };

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
