import type { Database } from '../db/connect.ts';
import {
  type Created,
  type Creation,
  createCustomers,
  type NewCustomer,
  type NewCustomerCall,
  type Result,
  type TooLate,
} from '../db/customers.ts';
import { findKeyRows } from '../db/idempotency.ts';
import { isUniqueViolation, violation } from '../db/violations.ts';
import type { Problem } from '../schemas/faults.ts';

/** Stored, or refused with every problem that there is, or not tried because the deadline had passed. */
export type Stored = Created | TooLate | { readonly problems: readonly [Problem, ...Problem[]] };

export interface StoreRequest extends Creation {
  readonly dryRun: boolean;
}

async function replay(db: Database, creation: Creation): Promise<Created | undefined> {
  const [row] = await findKeyRows(db, [creation]);
  return row && { i_customer: row.i_customer, paramsHash: row.paramsHash, replayed: true };
}

/** Each problem once, whoever found it. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [problem.text, problem])).values()];
}

/** What is thrown to undo a transaction that went well. */
class DryRun extends Error {}

async function insert(db: Database, { customer, creation }: NewCustomerCall): Promise<Result> {
  const [result] = await createCustomers(db, [{ customer, creation }]);
  if (!result) throw new Error('The database answered nothing about a new customer');
  return result;
}

/** Does everything that `insert` does, constraints included, and undoes it. */
async function rehearse(db: Database, call: NewCustomerCall): Promise<Result> {
  let result: Result | undefined;
  const undone = db.transaction(async (trx) => {
    result = await insert(trx, call);
    throw new DryRun();
  });
  await undone.catch((error: unknown) => {
    if (!(error instanceof DryRun)) throw error;
  });
  if (!result) throw new Error('A dry run ended before it began');
  return result;
}

/** What a constraint has against the call, or the customer of the first time when the key was used before. */
async function readViolation(db: Database, error: unknown, creation: Creation): Promise<Result> {
  const earlier = isUniqueViolation(error) ? await replay(db, creation) : undefined;
  if (earlier) return earlier;
  const found = violation(error);
  if (found.kind !== 'problem') throw error;
  return { forbidden: [found.problem] };
}

/**
 * Stores a customer, its opening balance, its audit row and its key row, all or nothing. When a key was used before,
 * also by a transaction that ran at the same time, the customer of the first time is the result. A dry run checks the same and
 * keeps nothing.
 * @param findAll finds every problem of the call, once one is known
 */
export async function store(
  db: Database,
  call: { readonly customer: NewCustomer; readonly creation: StoreRequest },
  findAll: () => Promise<readonly Problem[]>,
): Promise<Stored> {
  const put = call.creation.dryRun ? rehearse : insert;
  const result = await put(db, call).catch((error: unknown) => readViolation(db, error, call.creation));
  if ('i_customer' in result || 'late' in result) return result;
  const [first, ...rest] = distinct([...(await findAll()), ...result.forbidden]);
  if (!first) throw new Error('The database refused a customer without a reason');
  return { problems: [first, ...rest] };
}
