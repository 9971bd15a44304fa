import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { RequestHandler } from 'express';
import { createLoginThrottle } from '../api/login-throttle.ts';
import { type RunningServer, startServer } from '../api/server.ts';
import type { Database } from '../db/connect.ts';
import { createBasicAuth } from '../monitor/basic-auth.ts';
import { createMetricsApp, createMonitorApp } from '../monitor/monitor.ts';
import { startSampler } from '../monitor/sampler.ts';
import { type BoardQueues, openPostgresBoard, openRedisBoard } from '../queue/open-board.ts';
import { readOrMakeSecret } from '../runtime/kept-secret.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Settings } from '../runtime/settings.ts';
import { explain } from './explain-error.ts';
import type { Observer } from './observe.ts';
import { OperatorError } from './operator-error.ts';
import { createErrorReporter } from './report-errors.ts';
import { hostInUrl, readTls } from './tls.ts';

const madePasswordBytes = 15;

/** What the monitor stands on: it needs no queue that answers. */
export interface MonitorGround {
  readonly settings: Settings;
  readonly db: Database;
  /** URL of the database. */
  readonly url: string;
  readonly observer: Observer;
  readonly log: Logger;
}

/** Password of the monitor: that of the settings, or one that is made, and kept where the database is the embedded one. */
function findPassword(settings: Settings): { readonly password: string; readonly told: string } {
  if (settings.MONITOR_PASSWORD !== undefined) {
    return { password: settings.MONITOR_PASSWORD, told: 'the password of MONITOR_PASSWORD' };
  }
  const make = () => randomBytes(madePasswordBytes).toString('base64url');
  if (settings.DATABASE_URL !== undefined) {
    const password = make();
    return { password, told: `password ${password}, until it ends` };
  }
  const file = join(settings.DATA_DIR, 'monitor-password');
  const password = readOrMakeSecret(file, make);
  return { password, told: `password ${password}, kept in ${file}` };
}

function openBoard({ settings, url, log }: MonitorGround): BoardQueues {
  const onError = createErrorReporter(log);
  if (settings.REDIS_URL === undefined) return openPostgresBoard({ url, onError });
  return openRedisBoard({ url: settings.REDIS_URL, prefix: settings.QUEUE_PREFIX, onError });
}

/** Listens at the address that the settings of this prefix name, and names them when it cannot. */
async function listen(app: RequestHandler, settings: Settings, prefix: 'MONITOR' | 'METRICS'): Promise<RunningServer> {
  const host = settings[`${prefix}_HOST`];
  const port = settings[`${prefix}_PORT`] ?? 0;
  try {
    return await startServer(app as Parameters<typeof startServer>[0], { host, port, ...readTls(settings) });
  } catch (error) {
    const sentence = explain(error);
    if (sentence === undefined) throw error;
    throw new OperatorError(sentence.replace(/\b(HOST|PORT)\b/g, `${prefix}_$1`));
  }
}

function scheme(settings: Settings): string {
  return settings.TLS_CERT_FILE === undefined ? 'http' : 'https';
}

/** Wires and starts the monitor. Resolves when it answers, with the line that tells where, and how to log in. */
export async function startMonitor(
  ground: MonitorGround,
  { allowChanges, callUrl }: { readonly allowChanges: boolean; readonly callUrl: string | undefined },
) {
  const { settings, db, observer, log } = ground;
  const { MONITOR_USER: user, MONITOR_HOST: host } = settings;
  const { password, told } = findPassword(settings);
  const board = openBoard(ground);
  const { metrics } = observer;
  const sampler = startSampler({ db, board, onDepths: metrics.depths });
  const app = createMonitorApp({
    auth: createBasicAuth({ user, password, throttle: createLoginThrottle() }),
    db,
    board,
    sampler,
    metrics,
    readOnly: !allowChanges,
    callUrl: callUrl ?? `${scheme(settings)}://${hostInUrl(settings.HOST)}:${settings.PORT}/xmlapi/xmlapi`,
    log,
  });
  const server = await listen(app, settings, 'MONITOR');
  return {
    line: `monitor ${scheme(settings)}://${hostInUrl(host)}:${server.port}/ (user ${user}, ${told})`,
    async close(): Promise<void> {
      await server.close();
      sampler.close();
      await board.close();
    },
  };
}

/** Serves the metrics of a process without a monitor, where METRICS_PORT asks for it. Behind the monitor's login, if one is set. */
export async function startMetrics({ settings, observer }: Pick<MonitorGround, 'settings' | 'observer'>) {
  const { MONITOR_USER: user, MONITOR_PASSWORD: password } = settings;
  const open: RequestHandler = (_request, _response, next) => next();
  const auth = password === undefined ? open : createBasicAuth({ user, password, throttle: createLoginThrottle() });
  const server = await listen(createMetricsApp(observer.metrics, auth), settings, 'METRICS');
  return {
    line: `metrics ${scheme(settings)}://${hostInUrl(settings.METRICS_HOST)}:${server.port}/metrics`,
    close: () => server.close(),
  };
}
