import { loadSettings } from '../runtime/config.ts';
import { createLogger, type Logger } from '../runtime/logger.ts';
import { loadSecretKeys } from '../runtime/secret-keys.ts';
import { type Closer, createCloser, waitForSignal } from '../runtime/shutdown.ts';
import { runDemo } from './demo.ts';
import { openBackend } from './open-backend.ts';
import { openDatabase } from './open-database.ts';
import { prepareDatabase, requireFittingKeys, requireMigrated } from './prepare-database.ts';
import type { Role } from './roles.ts';
import { say } from './say.ts';
import { startApi } from './start-api.ts';
import { type Ground, startWorker } from './start-worker.ts';

/** A promise that a library dropped is no reason to end what others wait for: what was promised stands in the database. */
function surviveDroppedPromises(log: Logger): void {
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'a promise was rejected and nobody looked'));
}

async function openGround(closer: Closer): Promise<Ground> {
  const settings = loadSettings();
  const log = createLogger(settings.LOG_LEVEL);
  surviveDroppedPromises(log);
  const secretKeys = loadSecretKeys(settings);
  const database = await openDatabase(settings, closer);
  if (database.embedded) await prepareDatabase({ settings, database, secretKeys, say });
  else {
    await requireMigrated(database);
    await requireFittingKeys(database, secretKeys);
  }
  const backend = await openBackend(settings, database, log);
  closer.add('queue', backend.close);
  return { settings, secretKeys, db: database.db, backend, log };
}

async function startRoles(ground: Ground, wanted: readonly Role[], closer: Closer): Promise<string | undefined> {
  if (wanted.includes('worker')) {
    const worker = startWorker(ground);
    closer.add('worker', worker.close);
  }
  if (!wanted.includes('api')) return undefined;
  const api = await startApi(ground);
  closer.add('api', api.close);
  return api.url;
}

/**
 * Runs the service until a signal asks it to end; then it accepts nothing new, finishes what is in flight and closes
 * everything, the last opened first.
 */
export async function serve(options: { readonly roles: readonly Role[]; readonly demo: boolean }): Promise<void> {
  const closer = createCloser();
  const signal = waitForSignal();
  try {
    const ground = await openGround(closer);
    const url = await startRoles(ground, options.roles, closer);
    say(url === undefined ? 'ready: the worker takes jobs' : `ready ${url}`);
    if (options.demo && url !== undefined) await runDemo(url, ground.settings);
    ground.log.info({ signal: await signal }, 'ending: what is in flight is finished first');
  } finally {
    await closer.closeAll();
  }
}
