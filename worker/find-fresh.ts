import type { Database } from '../db/connect.ts';
import { findKeyRows } from '../db/idempotency.ts';
import type { Candidate } from './read-rows.ts';
import { retryForImport } from './retry.ts';

/** Rows whose key was not used before, and the lines of those whose key was used with other parameters. The others are done. */
export async function findFresh(
  db: Database,
  candidates: readonly Candidate[],
): Promise<{ readonly fresh: readonly Candidate[]; readonly keyInUse: readonly number[] }> {
  const rows = await retryForImport(() => findKeyRows(db, candidates));
  const used = new Map(rows.map((row) => [`${row.i_wholesaler} ${row.key}`, row.paramsHash]));
  const hashOf = ({ i_wholesaler, key }: Candidate) => used.get(`${i_wholesaler} ${key}`);
  const others = candidates.filter((row) => !row.paramsHashes.includes(hashOf(row) ?? row.paramsHashes[0]));
  return {
    fresh: candidates.filter((row) => hashOf(row) === undefined),
    keyInUse: others.map(({ line }) => line),
  };
}
