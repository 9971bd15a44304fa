import { maxRowsInChunk } from '../schemas/import-job.ts';
import type { Database } from './connect.ts';
import { type Batches, deleteInBatches } from './delete-in-batches.ts';

/** A day of 24 hours, as for idempotency keys. As a text, for a time of JavaScript has no microseconds. */
const boundOfChunks = "SELECT CAST(now() - ? * interval '24 hours' AS text) AS bound";

const deleteClaims = `
  DELETE FROM import_claims
  WHERE (import_id, member, value) IN (
    SELECT import_id, member, value FROM import_claims
    WHERE import_id IN (SELECT import_id FROM import_chunks WHERE dry_run AND done_at < CAST(:bound AS timestamptz))
    LIMIT :batch FOR UPDATE SKIP LOCKED
  )`;

const deleteChunks = `
  WITH old AS (
    SELECT import_id, chunk FROM import_chunks
    WHERE done_at < CAST(:bound AS timestamptz)
    ORDER BY done_at LIMIT :batch FOR UPDATE SKIP LOCKED
  ), failures AS (
    DELETE FROM import_failures USING old
    WHERE import_failures.import_id = old.import_id AND import_failures.chunk = old.chunk
  )
  DELETE FROM import_chunks USING old
  WHERE import_chunks.import_id = old.import_id AND import_chunks.chunk = old.chunk`;

/**
 * Deletes what became of chunks that were done more than `olderThanDays` days ago, by the clock of the database, in
 * transactions of about `batch` rows, until nothing is left or the signal asks it to stop. What dry runs claimed goes
 * before their chunks, by which it is found. The customers stay. Two may run at once.
 * @returns how many chunks it deleted
 */
export async function purgeImports(
  db: Database,
  { olderThanDays, batch, signal }: Batches & { readonly olderThanDays: number },
): Promise<number> {
  const { rows } = await db.raw(boundOfChunks, [olderThanDays]);
  const { bound } = rows[0];
  await deleteInBatches(db, deleteClaims, { bound, batch, signal });
  if (signal?.aborted) return 0;
  // With a chunk go its failures, of which each of its rows may be one.
  const chunks = Math.max(1, Math.floor(batch / maxRowsInChunk));
  return deleteInBatches(db, deleteChunks, { bound, batch: chunks, signal });
}
