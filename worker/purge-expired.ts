import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../db/connect.ts';
import { purgeKeys } from '../db/idempotency-retention.ts';
import { purgeImports } from '../db/import-retention.ts';
import { purgeJournal } from '../db/journal-retention.ts';
import type { Logger } from '../runtime/logger.ts';

const purgeEveryMs = 60 * 60_000;

/** Small transactions, so that no call waits for one. */
const batch = 1000;

/**
 * Deletes expired idempotency keys, what became of imports as old as those, and what the monitor no longer shows, now and once
 * an hour, until it is closed. Every worker may do it; none waits for another. Each of the three is tried on its own, and again
 * an hour later.
 */
export function startPurging(options: {
  readonly db: Database;
  readonly olderThanDays: number;
  readonly log: Logger;
}): { close(): Promise<void> } {
  const { db, olderThanDays, log } = options;
  const stop = new AbortController();

  async function attempt(what: string, purge: () => Promise<unknown>): Promise<void> {
    await purge().catch((error: unknown) => log.warn({ err: error }, `${what} not deleted`));
  }

  async function deleteKeys(): Promise<void> {
    const deleted = await purgeKeys(db, { olderThanDays, batch, signal: stop.signal });
    if (deleted > 0) log.info({ deleted, older_than_days: olderThanDays }, 'expired idempotency keys deleted');
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      await attempt('expired idempotency keys', deleteKeys);
      await attempt('old chunks of imports', () => purgeImports(db, { olderThanDays, batch, signal: stop.signal }));
      await attempt('old calls of the journal', () => purgeJournal(db, { signal: stop.signal }));
      await sleep(purgeEveryMs, undefined, { signal: stop.signal }).catch(() => {});
    }
  }

  const running = run();
  return {
    close() {
      stop.abort();
      return running;
    },
  };
}
