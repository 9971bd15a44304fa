import { type CreateCustomerParams, createCustomerSchema, secretMembers } from '../schemas/create-customer.ts';
import type { Problem } from '../schemas/faults.ts';
import type { Database } from './connect.ts';
import { runPrepared } from './prepared.ts';
import { numbersOf, treeRules } from './tree-rules.ts';

/** A customer as it is inserted: the parameters without their secrets, and what is stored of those. */
export type NewCustomer = Omit<CreateCustomerParams, (typeof secretMembers)[number] | 'i_wholesaler'> & {
  readonly web_password_hash: string;
  readonly api_ha1?: string | undefined;
};

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

const notColumns: readonly string[] = [...secretMembers, 'i_wholesaler', 'payment_currency'];
const members = Object.keys(createCustomerSchema.properties).filter((name) => !notColumns.includes(name));

/** What is stored of the secrets travels beside the members, which the audit log keeps as they are. */
const secretColumns = ['web_password_hash', 'api_ha1'];
const columns = [...secretColumns, ...members];
const columnsOfGiven = [...secretColumns, ...members.map((member) => `(row).${member}`)];

/**
 * Customers, their opening balances, audit rows and key rows in one statement, which is one transaction and one round trip.
 * The calls travel as one JSON document, so that the statement is the same for any number of them. A call whose key was
 * used before gives the customer of the first time; one that breaks rules of the tree gives their numbers. The lock on the
 * parents keeps their rights and their depth as they are until the transaction ends. Names are inserted in order, so that no
 * two statements wait for each other's in a circle. A connection plans it once, perhaps while the tables are empty: what is
 * looked up stands in LATERAL, so that it can become nothing but a look into an index for each call.
 */
const insertCustomers = {
  name: 'insert-customers',
  text: `
    WITH given AS MATERIALIZED (
      SELECT call.*, jsonb_populate_record(CAST(NULL AS customers), call.customer) AS row,
        CASE WHEN $2::text IS NOT NULL THEN set_config('lock_timeout', $2::text, true) END
      FROM jsonb_to_recordset($1::jsonb) AS call (
        n integer, i_wholesaler integer, key text, "paramsHash" text, mode text, i_caller integer, address text,
        "requestId" text, deadline double precision, web_password_hash text, api_ha1 text, customer jsonb)
    ), replayed AS (
      SELECT given.n, used.i_customer, used.params_hash
      FROM given CROSS JOIN LATERAL (
        SELECT * FROM idempotency_keys AS keys
        WHERE keys.i_wholesaler = given.i_wholesaler AND keys.key = given.key OFFSET 0
      ) AS used
    ), parent AS (
      SELECT parent.* FROM (SELECT DISTINCT i_wholesaler FROM given) AS asked CROSS JOIN LATERAL (
        SELECT * FROM customers WHERE i_customer = asked.i_wholesaler FOR SHARE
      ) AS parent
    ), judged AS (
      SELECT given.*, coalesce((given.row).payment_currency, tariffs.currency, parent.payment_currency) AS currency,
        ${numbersOf(treeRules.map(({ broken }) => broken))} AS broken,
        coalesce(clock_timestamp() >= to_timestamp(deadline / 1000), false) AS late
      FROM given
      LEFT JOIN parent ON parent.i_customer = given.i_wholesaler
      LEFT JOIN tariffs ON tariffs.i_tariff = (given.row).i_tariff AND tariffs.i_customer = parent.i_customer
      WHERE NOT EXISTS (SELECT FROM replayed WHERE replayed.n = given.n)
    ), created AS MATERIALIZED (
      SELECT *, CAST(nextval('customers_i_customer_seq') AS integer) AS i_customer
      FROM judged WHERE broken = '{}' AND NOT late
    ), inserted AS (
      INSERT INTO customers (i_customer, i_wholesaler, payment_currency, ${columns.join(', ')})
      OVERRIDING SYSTEM VALUE
      SELECT i_customer, i_wholesaler, currency, ${columnsOfGiven.join(', ')}
      FROM created ORDER BY (row).name
    ), opening AS (
      INSERT INTO balance_entries (i_customer, amount)
      SELECT i_customer, (row).balance FROM created WHERE (row).balance <> 0
    ), audit AS (
      INSERT INTO audit_log (i_customer, mode, i_caller, address, request_id, params)
      SELECT i_customer, mode, i_caller, address, "requestId", customer FROM created
    ), keyed AS (
      INSERT INTO idempotency_keys (i_wholesaler, key, i_customer, params_hash)
      SELECT i_wholesaler, key, i_customer, "paramsHash" FROM created
    )
    SELECT n, i_customer, "paramsHash", false AS replayed, broken, late FROM created
    UNION ALL
    SELECT n, i_customer, params_hash, true, '{}', false FROM replayed
    UNION ALL
    SELECT n, NULL, NULL, false, broken, late FROM judged WHERE broken <> '{}' OR late`,
};

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
  const given = calls.map(({ customer, creation }, n) => {
    const { web_password_hash, api_ha1 } = customer;
    const plain = { ...customer, web_password_hash: undefined, api_ha1: undefined };
    return { n, ...creation, web_password_hash, api_ha1, customer: plain };
  });
  const rows = await runPrepared<ResultRow>(db, insertCustomers, [JSON.stringify(given), lockTimeoutMs ?? null]);
  return rows.toSorted((a, b) => a.n - b.n).map(toResult);
}
