import type { Database } from '../db/connect.ts';
import { createCustomers, type NewCustomerCall, type Result } from '../db/customers.ts';
import { findKeyRows } from '../db/idempotency.ts';
import { isUniqueViolation, violation } from '../db/violations.ts';
import type { Problem } from '../schemas/faults.ts';

/** What became of one row: created or replayed, forbidden by a rule, or refused by a constraint. */
export type RowResult = Result;

/** A single row that violates a constraint: what that means. One whose key was used meanwhile is the row of the first time. */
async function readViolation(db: Database, error: unknown, { creation }: NewCustomerCall): Promise<RowResult> {
  const [earlier] = isUniqueViolation(error) ? await findKeyRows(db, [creation]) : [];
  if (earlier) return { i_customer: earlier.i_customer, paramsHash: earlier.paramsHash, replayed: true };
  const found = violation(error);
  if (found.kind !== 'problem') throw error;
  return { forbidden: [found.problem] };
}

function isRowsFault(error: unknown): boolean {
  return violation(error).kind === 'problem' || isUniqueViolation(error);
}

/** Inserts rows in one statement, or its halves alone, and so on, until what is wrong stands alone. */
async function insertHalves(db: Database, calls: readonly NewCustomerCall[]): Promise<readonly RowResult[]> {
  const [only, ...others] = calls;
  if (!only) return [];
  try {
    return await createCustomers(db, calls);
  } catch (error) {
    if (others.length === 0) return [await readViolation(db, error, only)];
    if (!isRowsFault(error)) throw error;
    const half = Math.ceil(calls.length / 2);
    return [...(await insertHalves(db, calls.slice(0, half))), ...(await insertHalves(db, calls.slice(half)))];
  }
}

/** What the keys of rows have created by now: another worker may have had the same chunk. */
async function findCreated(db: Database, calls: readonly NewCustomerCall[]): Promise<ReadonlyMap<string, RowResult>> {
  const rows = await findKeyRows(
    db,
    calls.map(({ creation }) => creation),
  );
  return new Map(
    rows.map(({ i_wholesaler, key, ...row }) => [`${i_wholesaler} ${key}`, { ...row, replayed: true }] as const),
  );
}

/**
 * Inserts rows in one statement. When a constraint is violated, `findProblems` is asked about all of them, and the others are
 * inserted without those; what it does not see, for two rows of the same chunk want the same name, is found by halving. A bad
 * row never harms its neighbours.
 * @param findProblems gives the problems of each row, in order
 * @returns one result for each row, in order
 */
export async function insertRows(
  db: Database,
  calls: readonly NewCustomerCall[],
  findProblems: () => Promise<readonly (readonly Problem[])[]>,
): Promise<readonly RowResult[]> {
  if (calls.length === 0) return [];
  try {
    return await createCustomers(db, calls);
  } catch (error) {
    if (!isRowsFault(error)) throw error;
  }
  // In this order: a row that another worker creates in between has problems, its own name is in use, and is found as created.
  const problems = await findProblems();
  const created = await findCreated(db, calls);
  const known = calls.map(({ creation }, row): RowResult | undefined => {
    const forbidden = problems[row] ?? [];
    return (
      created.get(`${creation.i_wholesaler} ${creation.key}`) ?? (forbidden.length > 0 ? { forbidden } : undefined)
    );
  });
  const inserted = [
    ...(await insertHalves(
      db,
      calls.filter((_, row) => known[row] === undefined),
    )),
  ];
  return known.map((result) => {
    const one = result ?? inserted.shift();
    if (!one) throw new Error('The database answered nothing about a row');
    return one;
  });
}
