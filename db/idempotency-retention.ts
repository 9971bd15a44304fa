import type { Database } from './connect.ts';
import { type Batches, deleteInBatches } from './delete-in-batches.ts';

/** A day of 24 hours: an interval in days would follow the daylight saving of the session's time zone. */
const deleteBatch = `
  DELETE FROM idempotency_keys
  WHERE (i_wholesaler, key) IN (
    SELECT i_wholesaler, key FROM idempotency_keys
    WHERE created_at < now() - :olderThanDays * interval '24 hours'
    ORDER BY created_at LIMIT :batch FOR UPDATE SKIP LOCKED
  )`;

/**
 * Deletes the idempotency keys that were created more than `olderThanDays` days ago, by the clock of the database, in
 * transactions of at most `batch` rows, until none is left or the signal asks it to stop. What it has deleted stays deleted;
 * two may run at once.
 * @returns how many it deleted
 */
export function purgeKeys(db: Database, options: Batches & { readonly olderThanDays: number }): Promise<number> {
  return deleteInBatches(db, deleteBatch, { ...options });
}
