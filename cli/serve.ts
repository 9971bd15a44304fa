import { loadSettings } from '../runtime/config.ts';
import { createLogger, type Logger } from '../runtime/logger.ts';
import { loadSecretKeys } from '../runtime/secret-keys.ts';
import { type Closer, createCloser, waitForSignal } from '../runtime/shutdown.ts';
import { runDemo } from './demo.ts';
import { openObserver } from './observe.ts';
import { openBackend } from './open-backend.ts';
import { openDatabase } from './open-database.ts';
import { prepareDatabase, requireFittingKeys, requireMigrated } from './prepare-database.ts';
import type { Role } from './roles.ts';
import { say } from './say.ts';
import { startApi } from './start-api.ts';
import { startMetrics, startMonitor } from './start-monitor.ts';
import { startTracing } from './start-tracing.ts';
import { startWorker } from './start-worker.ts';

/** What is wanted of this process. */
interface Wanted {
  readonly roles: readonly Role[];
  readonly demo: boolean;
  /** The monitor may change what is in the queues. */
  readonly allowChanges: boolean;
}

/** A promise that a library dropped is no reason to end what others wait for: what was promised stands in the database. */
function surviveDroppedPromises(log: Logger): void {
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'a promise was rejected and nobody looked'));
}

async function openGround(closer: Closer) {
  const settings = loadSettings();
  const log = createLogger(settings.LOG_LEVEL);
  surviveDroppedPromises(log);
  const tracing = await startTracing(settings);
  closer.add('tracing', tracing.close);
  const secretKeys = loadSecretKeys(settings);
  const database = await openDatabase(settings, closer);
  if (database.embedded) await prepareDatabase({ settings, database, secretKeys, say });
  else {
    await requireMigrated(database);
    await requireFittingKeys(database, secretKeys);
  }
  const observer = openObserver({ db: database.db, log });
  closer.add('journal of calls', observer.close);
  return { settings, secretKeys, db: database.db, url: database.url, database, observer, log };
}

type Opened = Awaited<ReturnType<typeof openGround>>;

/** Starts what calls go through. Resolves with the URL that they go to. */
async function startCalls(opened: Opened, roles: readonly Role[], closer: Closer): Promise<string | undefined> {
  const backend = await openBackend(opened.settings, opened.database, opened.log);
  closer.add('queue', backend.close);
  const ground = { ...opened, backend };
  if (roles.includes('worker')) {
    const worker = startWorker(ground);
    closer.add('worker', worker.close);
  }
  if (!roles.includes('api')) return undefined;
  const api = await startApi(ground);
  closer.add('api', api.close);
  return api.url;
}

/** Starts what is looked at. The monitor alone needs no queue that answers: it is there to say that there is none. */
async function startWatching(opened: Opened, wanted: Wanted, callUrl: string | undefined) {
  if (wanted.roles.includes('monitor')) return startMonitor(opened, { allowChanges: wanted.allowChanges, callUrl });
  return opened.settings.METRICS_PORT === undefined ? undefined : startMetrics(opened);
}

function readyLine(roles: readonly Role[], url: string | undefined): string {
  if (url !== undefined) return `ready ${url}`;
  return roles.includes('worker') ? 'ready: the worker takes jobs' : 'ready: the monitor is open';
}

/**
 * Runs the service until a signal asks it to end; then it accepts nothing new, finishes what is in flight and closes
 * everything, the last opened first.
 */
export async function serve(wanted: Wanted): Promise<void> {
  const { roles } = wanted;
  const closer = createCloser();
  const signal = waitForSignal();
  try {
    const opened = await openGround(closer);
    const handlesCalls = roles.includes('api') || roles.includes('worker');
    const url = handlesCalls ? await startCalls(opened, roles, closer) : undefined;
    const watching = await startWatching(opened, wanted, url);
    if (watching) {
      opened.observer.metrics.watchProcess();
      closer.add('monitor', watching.close);
      say(watching.line);
    }
    say(readyLine(roles, url));
    if (wanted.demo && url !== undefined) await runDemo(url, opened.settings);
    opened.log.info({ signal: await signal }, 'ending: what is in flight is finished first');
  } finally {
    await closer.closeAll();
  }
}
