import type { Database } from './connect.ts';

/** A day of 24 hours, as for idempotency keys. What a dry run claimed goes with its chunks. */
const deleteBatch = `
  WITH old AS (
    DELETE FROM import_chunks
    WHERE (import_id, chunk) IN (
      SELECT import_id, chunk FROM import_chunks
      WHERE done_at < now() - :days * interval '24 hours'
      ORDER BY done_at LIMIT :batch FOR UPDATE SKIP LOCKED
    )
    RETURNING import_id, chunk
  ), failures AS (
    DELETE FROM import_failures USING old
    WHERE import_failures.import_id = old.import_id AND import_failures.chunk = old.chunk
  ), claims AS (
    DELETE FROM import_claims WHERE import_id IN (SELECT import_id FROM old)
  )
  SELECT count(*) AS deleted FROM old`;

/**
 * Deletes what became of chunks that were done more than `olderThanDays` days ago, by the clock of the database, in
 * transactions of at most `batch` chunks. The customers stay.
 * @returns how many chunks it deleted
 */
export async function purgeImports(
  db: Database,
  { olderThanDays, batch }: { readonly olderThanDays: number; readonly batch: number },
): Promise<number> {
  let deleted = 0;
  for (;;) {
    const { rows } = await db.raw(deleteBatch, { days: olderThanDays, batch });
    const chunks = Number(rows[0].deleted);
    deleted += chunks;
    if (chunks < batch) return deleted;
  }
}
