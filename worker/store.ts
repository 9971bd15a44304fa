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
import { createLanes } from '../runtime/lanes.ts';
import { createMicroBatch } from '../runtime/micro-batch.ts';
import type { Problem } from '../schemas/faults.ts';

/** Stored, or refused with every problem that there is, or not tried because the deadline had passed. */
export type Stored = Created | TooLate | { readonly problems: readonly [Problem, ...Problem[]] };

export interface StoreRequest extends Creation {
  readonly dryRun: boolean;
}

/** So many customers share a statement at the most: a few milliseconds of the database's time. */
const maxTogether = 100;

/** So long a shared statement waits for a lock, with the calls behind it; whoever met the lock then waits alone. */
const lockTimeoutTogetherMs = 500;

/** So many go alone at a time: who waits for a lock holds a connection, and others need some as well. */
const lanesAlone = 8;

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

/** What came of one call of a batch: whatever is wrong with it harms none of the others. */
type Attempt = { readonly result: Result } | { readonly error: unknown };

/** True for errors that say nothing about the calls: the server is busy or away, a lock was not to be had. */
function isServers(error: unknown): boolean {
  const { kind } = violation(error);
  return kind === 'transient' || kind === 'unreachable';
}

/**
 * Inserts calls in one statement. When a call is to blame for its failure, each half is tried in one, and so on, until that
 * call stands alone.
 */
async function insertTogether(db: Database, calls: readonly NewCustomerCall[]): Promise<readonly Attempt[]> {
  try {
    const results = await createCustomers(db, calls, { lockTimeoutMs: lockTimeoutTogetherMs });
    if (results.length !== calls.length) throw new Error('The database did not answer about each new customer');
    return results.map((result) => ({ result }));
  } catch (error) {
    if (calls.length === 1 || isServers(error)) return calls.map(() => ({ error }));
  }
  const half = Math.ceil(calls.length / 2);
  const first = await insertTogether(db, calls.slice(0, half));
  return [...first, ...(await insertTogether(db, calls.slice(half)))];
}

async function insertAlone(db: Database, call: NewCustomerCall): Promise<Result> {
  const [result] = await createCustomers(db, [call]);
  if (!result) throw new Error('The database answered nothing about a new customer');
  return result;
}

/** Does everything that an insert does, constraints included, and undoes it. */
async function rehearse(db: Database, call: NewCustomerCall): Promise<Result> {
  let result: Result | undefined;
  const undone = db.transaction(async (trx) => {
    result = await insertAlone(trx, call);
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

/** A call to be stored. */
interface StoreCall {
  readonly customer: NewCustomer;
  readonly creation: StoreRequest;
}

/**
 * Makes what puts calls into the database. Calls that come while others are being inserted wait for those, and then share a
 * statement: one such statement runs at a time. A call whose statement failed for no fault of a call goes alone from then on,
 * beside that line, so that a lock which it waits for holds up nobody else. Dry runs go alone, for they are undone.
 */
function createInserter(db: Database, gather: () => Promise<void>): (call: StoreCall) => Promise<Result> {
  const alone = createLanes(lanesAlone);
  const failedTogether = new WeakSet<StoreCall>();
  const insert = createMicroBatch({
    run: (calls: readonly StoreCall[]) => insertTogether(db, calls),
    maxItems: maxTogether,
    gather,
  });

  return async function put(call) {
    if (call.creation.dryRun) return alone.run(() => rehearse(db, call));
    if (failedTogether.has(call)) return alone.run(() => insertAlone(db, call));
    const attempt = await insert(call);
    if ('result' in attempt) return attempt.result;
    if (isServers(attempt.error)) failedTogether.add(call);
    throw attempt.error;
  };
}

/**
 * Makes what stores a customer, its opening balance, its audit row and its key row, all or nothing. When a key was used before,
 * also by a transaction that ran at the same time, the customer of the first time is the result. A dry run checks the same and
 * keeps nothing. `findAll` finds every problem of a call, once one is known. To try a call again, the same object is given. `gather` is
 * awaited before calls are inserted together: it may wait for more of them.
 */
export function createStore(
  db: Database,
  gather: () => Promise<void>,
): (call: StoreCall, findAll: () => Promise<readonly Problem[]>) => Promise<Stored> {
  const put = createInserter(db, gather);

  return async function store(call, findAll) {
    const result = await put(call).catch((error: unknown) => readViolation(db, error, call.creation));
    if ('i_customer' in result || 'late' in result) return result;
    const [first, ...rest] = distinct([...(await findAll()), ...result.forbidden]);
    if (!first) throw new Error('The database refused a customer without a reason');
    return { problems: [first, ...rest] };
  };
}
