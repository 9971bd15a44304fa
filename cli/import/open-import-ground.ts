import { type ImportProducer, openImportProducer } from '../../queue/import-queue.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createSealer } from '../../runtime/seal.ts';
import { loadSecretKeys } from '../../runtime/secret-keys.ts';
import type { Settings } from '../../runtime/settings.ts';
import type { Closer } from '../../runtime/shutdown.ts';
import { openBackend } from '../open-backend.ts';
import { openDatabase } from '../open-database.ts';
import { requireDatabase, requireFittingKeys, requireMigrated } from '../prepare-database.ts';
import type { Ground } from '../start-worker.ts';

/** What an import stands on. */
export interface ImportGround extends Pick<Ground, 'db'> {
  readonly queue: ImportProducer;
  /** Starts a worker in this process, once, where the database is the embedded one. False where it is not. */
  startOwnWorker(): Promise<boolean>;
}

/** Outages are told by the import itself, in its own words; the rest of the log would mix with them. */
const logLevel = 'error';

/**
 * Opens the database and the queue of the settings for an import. With the embedded database, which nobody else might be at
 * work on, a worker is started here when no other is there.
 * @throws OperatorError or ConfigurationError
 */
export async function openImportGround(settings: Settings, closer: Closer): Promise<ImportGround> {
  requireDatabase(settings);
  const secretKeys = loadSecretKeys(settings);
  const log = createLogger(settings.LOG_LEVEL === 'silent' ? 'silent' : logLevel);
  const database = await openDatabase(settings, closer);
  await requireMigrated(database);
  await requireFittingKeys(database, secretKeys);
  const { db } = database;
  const backend = await openBackend(settings, database, log);
  closer.add('queue', backend.close);
  const queue = openImportProducer(backend, createSealer(secretKeys));
  closer.add('producer', queue.close);
  let hasOwnWorker = false;

  async function startOwnWorker(): Promise<boolean> {
    if (!database.embedded || hasOwnWorker) return database.embedded;
    hasOwnWorker = true;
    // Most producers never need what a worker is made of, and it takes memory.
    const { startImportWorker } = await import('../start-worker.ts');
    closer.add('worker', startImportWorker({ settings, secretKeys, db, backend, log }).close);
    return true;
  }

  if (database.embedded && (await queue.workerCount()) === 0) await startOwnWorker();
  return { db, queue, startOwnWorker };
}
