import type { Database } from '../db/connect.ts';
import { type Created, type Creation, createCustomer, type NewCustomer } from '../db/customers.ts';
import { diagnose } from '../db/diagnose.ts';
import { findKeyRows } from '../db/idempotency.ts';
import { isUniqueViolation, violation } from '../db/violations.ts';
import type { Problem } from '../schemas/faults.ts';

/** Stored, or refused with every problem that the database knows. */
export type Stored = Created | { readonly problems: readonly [Problem, ...Problem[]] };

export interface StoreRequest extends Creation {
  readonly dryRun: boolean;
}

async function replay(db: Database, creation: Creation): Promise<Created | undefined> {
  const [row] = await findKeyRows(db, [creation]);
  return row && { i_customer: row.i_customer, paramsHash: row.paramsHash, replayed: true };
}

function refusal(customer: NewCustomer, found: readonly Problem[]): Stored {
  const [first, ...rest] = found;
  if (first) return { problems: [first, ...rest] };
  throw new Error(`Customer ${customer.name} was refused, but nothing is wrong with it`);
}

/** Each problem once, whoever found it. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [problem.text, problem])).values()];
}

/** What is thrown to undo a transaction that went well. */
class DryRun extends Error {}

/** Does everything that `createCustomer` does, constraints included, and undoes it. */
async function rehearse(db: Database, customer: NewCustomer, creation: Creation): Promise<Created | undefined> {
  let created: Created | undefined;
  const undone = db.transaction(async (trx) => {
    created = await createCustomer(trx, customer, creation);
    throw new DryRun();
  });
  await undone.catch((error: unknown) => {
    if (!(error instanceof DryRun)) throw error;
  });
  return created;
}

/**
 * Stores a customer, its opening balance, its audit row and its key row, all or nothing. When a key was used before,
 * also by a transaction that ran at the same time, the customer of the first time is the result. A dry run checks the same and
 * keeps nothing.
 */
export async function store(db: Database, customer: NewCustomer, creation: StoreRequest): Promise<Stored> {
  try {
    const created = await (creation.dryRun ? rehearse : createCustomer)(db, customer, creation);
    return created ?? refusal(customer, await diagnose(db, customer, creation.i_wholesaler));
  } catch (error) {
    if (isUniqueViolation(error)) {
      const earlier = await replay(db, creation);
      if (earlier) return earlier;
    }
    const found = violation(error);
    if (found.kind !== 'problem') throw error;
    const others = await diagnose(db, customer, creation.i_wholesaler);
    return refusal(customer, distinct([...others, found.problem]));
  }
}
