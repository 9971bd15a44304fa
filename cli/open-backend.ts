import { createClaims } from '../db/claims.ts';
import { ping } from '../db/connect.ts';
import { createNotifications } from '../db/notifications.ts';
import { violation } from '../db/violations.ts';
import type { Backend } from '../queue/backend.ts';
import { openPostgresBackend } from '../queue/postgres-backend.ts';
import { openRedisBackend } from '../queue/redis-backend.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Settings } from '../runtime/settings.ts';
import type { OpenDatabase } from './open-database.ts';
import { OperatorError } from './operator-error.ts';
import { createErrorReporter } from './report-errors.ts';

/** Opens the queue: in Redis when REDIS_URL is set, in the database otherwise. */
export async function openBackend(settings: Settings, database: OpenDatabase, log: Logger): Promise<Backend> {
  const onError = createErrorReporter(log);
  const { db, url } = database;
  if (settings.REDIS_URL === undefined) {
    const notifications = createNotifications(db, { url, onError });
    const isUnreachable = (error: unknown) => violation(error).kind === 'unreachable';
    const link = { url, ...notifications, ping: () => ping(db), claimOnce: createClaims(db), isUnreachable };
    return openPostgresBackend(link, onError);
  }
  try {
    return await openRedisBackend({ url: settings.REDIS_URL, prefix: settings.QUEUE_PREFIX, onError });
  } catch (error) {
    throw new OperatorError(`Redis does not answer (${(error as Error).message}): start it, or correct REDIS_URL.`);
  }
}
