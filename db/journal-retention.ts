import type { Database } from './connect.ts';
import { deleteInBatches } from './delete-in-batches.ts';

/** What is kept of the monitor's tables, and of how many calls. */
interface JournalLimits {
  readonly callDays: number;
  /** A week at a thousand calls a second would be six hundred million rows. */
  readonly maxCalls: number;
  readonly activityDays: number;
  /** Small transactions, so that nobody waits for one. */
  readonly batch: number;
}

/** Of so many calls the journal takes about four gigabytes. */
const defaultLimits: JournalLimits = { callDays: 7, maxCalls: 5_000_000, activityDays: 1, batch: 5000 };

/** A day of 24 hours: an interval in days would follow the daylight saving of the session's time zone. */
const daysAgo = (days: string) => `now() - ${days} * interval '24 hours'`;

/** What another worker deletes at the moment is left to it. */
function deleteFrom(table: string, condition: string): string {
  return `
    DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM ${table} WHERE ${condition} LIMIT :batch FOR UPDATE SKIP LOCKED))`;
}

const oldCalls = deleteFrom('calls', `received_at < ${daysAgo(':callDays')}`);
const surplusCalls = deleteFrom('calls', 'received_at < CAST(:bound AS timestamptz)');
const oldActivity = deleteFrom('activity', `second < ${daysAgo(':activityDays')}`);

/** As a text, for a time of JavaScript has no microseconds. */
const boundOfCalls = `
  SELECT CAST(received_at AS text) AS bound FROM calls ORDER BY received_at DESC OFFSET :maxCalls - 1 LIMIT 1`;

/**
 * Deletes what the monitor no longer shows: calls after seven days, or when there are too many newer ones, and activity
 * after a day, until nothing is left or the signal asks it to stop. Two may run at once.
 * @returns how many rows it deleted
 */
export async function purgeJournal(
  db: Database,
  { signal, ...other }: Partial<JournalLimits> & { readonly signal?: AbortSignal } = {},
): Promise<number> {
  const limits = { ...defaultLimits, ...other };

  function purge(statement: string, values: object): Promise<number> {
    return deleteInBatches(db, statement, { ...limits, ...values, signal });
  }

  const old = (await purge(oldCalls, {})) + (await purge(oldActivity, {}));
  const { rows } = await db.raw(boundOfCalls, { ...limits });
  return rows.length === 0 ? old : old + (await purge(surplusCalls, { bound: rows[0].bound }));
}
