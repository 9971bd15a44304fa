import type { Database } from '../db/connect.ts';
import { findKeyRows } from '../db/idempotency.ts';
import type { DoneChunk } from '../db/imports.ts';
import { importKey } from '../schemas/import-job.ts';
import type { Insist } from './insist.ts';
import type { Batch } from './make-batches.ts';
import { type FailedRow, parentOf, type ReadyRow } from './make-row.ts';
import type { SourceRecord } from './source-record.ts';

/** A row that was created, by this run of the import or by one before. */
export interface CreatedRow {
  readonly line: number;
  readonly name: string;
  readonly i_customer: number;
  readonly ageMs: number;
}

/** What became of the rows of a batch. */
export interface BatchOutcome {
  readonly created: readonly CreatedRow[];
  /** Rows of a dry run with which nothing is wrong. */
  readonly passed: number;
  readonly failed: readonly FailedRow[];
}

interface Scope {
  readonly importId: string;
  readonly db: Database;
  readonly insist: Insist;
  readonly dryRun: boolean;
}

function failedOf({ ready, failed }: Batch, { failures }: DoneChunk): readonly FailedRow[] {
  const records = new Map<number, SourceRecord>(ready.map(({ record }) => [record.line, record]));
  const refused = failures.flatMap((failure) => {
    const record = records.get(failure.line);
    return record ? [{ ...failure, record }] : [];
  });
  return [...failed, ...refused].sort((a, b) => a.line - b.line);
}

/** What the keys of these rows have created; undefined when some row has created nothing. */
async function findCreated({ db, insist, importId }: Scope, rows: readonly ReadyRow[]) {
  const keys = rows.map(({ row }) => ({ i_wholesaler: parentOf(row), key: row.key ?? importKey(importId, row.line) }));
  const found = await insist(() => findKeyRows(db, keys));
  const byKey = new Map(found.map((row) => [`${row.i_wholesaler} ${row.key}`, row]));
  const created = rows.flatMap(({ row }, at) => {
    const made = byKey.get(`${keys[at]?.i_wholesaler} ${keys[at]?.key}`);
    const { i_customer, ageMs } = made ?? {};
    if (i_customer === undefined || ageMs === undefined) return [];
    return [{ line: row.line, name: String(row.params.name), i_customer, ageMs }];
  });
  return created.length === rows.length ? created : undefined;
}

/**
 * Reads what became of a batch whose chunk is done. Undefined when the database does not know all of its rows: then another
 * chunk of the same number was done, which an earlier run with chunks of another size has left in the queue.
 */
export async function readOutcome(scope: Scope, batch: Batch, done: DoneChunk): Promise<BatchOutcome | undefined> {
  const failed = failedOf(batch, done);
  const failedLines = new Set(failed.map(({ line }) => line));
  const good = batch.ready.filter(({ row }) => !failedLines.has(row.line));
  if (scope.dryRun) return { created: [], passed: good.length, failed };
  const created = await findCreated(scope, good);
  return created && { created, passed: 0, failed };
}
