import type { CreateCustomerParams, secretMembers } from '../schemas/create-customer.ts';
import type { Problem } from '../schemas/faults.ts';
import type { Database } from './connect.ts';
import { type Given, insertCustomer, insertCustomers, valuesOf } from './insert-statements.ts';
import { runPrepared } from './prepared.ts';
import { treeRules } from './tree-rules.ts';

/** Parameters without their secrets, as they are stored and logged; the parent stands beside them. */
export type CustomerMembers = Omit<CreateCustomerParams, (typeof secretMembers)[number] | 'i_wholesaler'>;

/** A customer as it is inserted. What is stored of its secrets stands beside the members, which the audit log keeps as they are. */
export interface NewCustomer {
  readonly members: CustomerMembers;
  readonly web_password_hash: string;
  readonly api_ha1?: string | undefined;
}

/** Who creates it, and under which key. */
export interface Creation {
  readonly i_wholesaler: number;
  /** The client's idempotency key, or the job's id: whatever runs twice finds the row of the first time. */
  readonly key: string;
  readonly paramsHash: string;
  readonly mode: 'customer' | 'trusted';
  readonly i_caller: number | null;
  readonly address: string;
  readonly requestId: string;
  /** Unix time in ms, by the clock of the database, from which on nothing is inserted any more. */
  readonly deadline: number | null;
}

export interface Created {
  readonly i_customer: number;
  /** True when the key had created it before; then `paramsHash` is that of the first time. */
  readonly replayed: boolean;
  readonly paramsHash: string;
}

export interface NewCustomerCall {
  readonly customer: NewCustomer;
  readonly creation: Creation;
}

interface ResultRow extends Created {
  readonly n: number;
  readonly broken: readonly number[];
  readonly late: boolean;
}

/** The rules of the tree that forbid a call, as they were while nobody could change the rights of the parent. */
interface Forbidden {
  readonly forbidden: readonly Problem[];
}

/** The deadline had passed: this statement has inserted nothing. Another one for the same key may have. */
export interface TooLate {
  readonly late: true;
}

export type Result = Created | Forbidden | TooLate;

function toResult({ i_customer, replayed, paramsHash, broken, late }: ResultRow): Result {
  if (late) return { late };
  if (broken.length === 0) return { i_customer, replayed, paramsHash };
  return { forbidden: broken.flatMap((number) => treeRules[number]?.problem ?? []) };
}

function toGiven({ customer, creation }: NewCustomerCall, n: number): Given {
  const { members, web_password_hash, api_ha1 } = customer;
  return { n, ...creation, web_password_hash, api_ha1, customer: members };
}

/** How calls are inserted. */
interface Options {
  /** How long the statement may wait for a lock; undefined: as long as any statement of the pool. */
  readonly lockTimeoutMs?: number;
}

/**
 * Inserts customers with everything that belongs to them. A key that was used before inserts nothing and gives the customer
 * of the first time; a call that a rule of the tree forbids inserts nothing either.
 * @returns one result for each call, in order
 * @throws the driver's error when one of them violates a constraint, and none is inserted; `violations.ts` reads it
 */
export async function createCustomers(
  db: Database,
  calls: readonly NewCustomerCall[],
  { lockTimeoutMs }: Options = {},
): Promise<readonly Result[]> {
  const given = calls.map(toGiven);
  const [alone, ...others] = given;
  const rows =
    alone && others.length === 0
      ? await runPrepared<ResultRow>(db, insertCustomer, [lockTimeoutMs ?? null, ...valuesOf(alone)])
      : await runPrepared<ResultRow>(db, insertCustomers, [lockTimeoutMs ?? null, JSON.stringify(given)]);
  return rows.toSorted((a, b) => a.n - b.n).map(toResult);
}
