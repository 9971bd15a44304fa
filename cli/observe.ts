import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { writeActivity } from '../db/activity.ts';
import { type CallRecord, openCallJournal } from '../db/call-journal.ts';
import type { Database } from '../db/connect.ts';
import type { Logger } from '../runtime/logger.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { createRollup } from '../runtime/rollup.ts';

const writeEveryMs = 1000;
const msPerSecond = 1000;

/**
 * Opens what is told of everything that this process does: the metrics, the journal of calls, and the activity by the
 * second that the overview draws. None of it can slow or fail a call.
 */
export function openObserver({ db, log }: { readonly db: Database; readonly log: Logger }) {
  const metrics = createMetrics();
  const rollup = createRollup();
  const journal = openCallJournal({ db, log, onLoss: (count) => metrics.journalLoss({}, count) });
  const process = `${hostname()} ${randomUUID()}`;

  let writing = Promise.resolve();
  let isWriting = false;

  async function write(before: number): Promise<void> {
    isWriting = true;
    const rows = rollup.takeBefore(before);
    await writeActivity(db, process, rows).catch((error: unknown) => log.warn({ err: error }, 'activity not written'));
    isWriting = false;
  }

  // One at a time: a database that stands still must not be asked over all connections that calls need.
  const timer = setInterval(() => {
    if (!isWriting) writing = write(Math.floor(Date.now() / msPerSecond));
  }, writeEveryMs);

  function add(kind: Parameters<typeof rollup.add>[0], ms: number, name = ''): void {
    rollup.add(kind, name, { ms, at: Date.now() });
  }

  return {
    metrics,
    answered(record: CallRecord): void {
      const { outcome } = record;
      const ms = record.answeredAt - record.receivedAt;
      metrics.call(ms, { outcome });
      if (outcome !== 'OK') metrics.fault({ code: outcome });
      add('call', ms, outcome);
      journal.add(record);
    },
    waited(ms: number): void {
      metrics.queueWait(ms);
      add('queue_wait', ms);
    },
    hashed(ms: number): void {
      metrics.hash(ms);
      add('hash', ms);
    },
    committed(ms: number): void {
      metrics.transaction(ms);
      add('transaction', ms);
    },
    async close(): Promise<void> {
      clearInterval(timer);
      await writing;
      await write(Number.POSITIVE_INFINITY);
      await journal.close();
    },
  };
}

export type Observer = ReturnType<typeof openObserver>;
