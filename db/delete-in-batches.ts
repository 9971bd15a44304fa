import type { Database } from './connect.ts';

/** How much one statement deletes, and when to stop. */
export interface Batches {
  /** Small transactions, so that nobody waits for one, and none meets the limit of time. */
  readonly batch: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a statement that deletes at most `:batch` rows, each time in a transaction of its own, until none is left or the
 * signal asks it to stop. What it has deleted stays deleted.
 * @returns how many rows it deleted
 */
export async function deleteInBatches(
  db: Database,
  statement: string,
  { batch, signal, ...values }: Batches & Readonly<Record<string, unknown>>,
): Promise<number> {
  let deleted = 0;
  for (;;) {
    const { rowCount } = await db.raw(statement, { ...values, batch });
    deleted += rowCount;
    if (rowCount < batch || signal?.aborted) return deleted;
  }
}
