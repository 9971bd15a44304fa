import { createCustomerSchema, secretMembers } from '../schemas/create-customer.ts';
import type { Creation } from './customers.ts';
import type { PreparedStatement } from './prepared.ts';
import { numbersOf, treeRules } from './tree-rules.ts';

/** A call as the statements take it. What is stored of its secrets stands beside the members. */
export interface Given extends Creation {
  readonly n: number;
  readonly web_password_hash: string;
  readonly api_ha1?: string | undefined;
  readonly customer: Readonly<Record<string, unknown>>;
}

/** Types of what a call gives beside its number. */
const given: Readonly<Record<Exclude<keyof Given, 'n'>, string>> = {
  customer: 'jsonb',
  i_wholesaler: 'integer',
  key: 'text',
  paramsHash: 'text',
  mode: 'text',
  i_caller: 'integer',
  address: 'text',
  requestId: 'text',
  deadline: 'double precision',
  web_password_hash: 'text',
  api_ha1: 'text',
};

const givenColumns = Object.keys(given) as readonly (keyof typeof given)[];
const notMembers: readonly string[] = [...secretMembers, 'i_wholesaler'];
const members = Object.keys(createCustomerSchema.properties).filter((name) => !notMembers.includes(name));
const secretColumns = ['web_password_hash', 'api_ha1'];
const storedAsGiven = members.filter((name) => name !== 'payment_currency');

/** A lock is waited for no longer than $1 says, if it says anything. */
const lockTimeout = `CASE WHEN $1::text IS NOT NULL THEN set_config('lock_timeout', $1::text, true) END`;

const givenTogether = `
    SELECT call.*, jsonb_populate_record(CAST(NULL AS customers), call.customer) AS row, ${lockTimeout}
    FROM jsonb_to_recordset($2::jsonb) AS call (n integer, ${givenColumns.map((name) => `"${name}" ${given[name]}`).join(', ')})`;

/** All that comes after `given`. */
const insert = `, replayed AS (
      SELECT given.n, used.i_customer, used.params_hash
      FROM given CROSS JOIN LATERAL (
        SELECT * FROM idempotency_keys AS keys
        WHERE keys.i_wholesaler = given.i_wholesaler AND keys.key = given.key OFFSET 0
      ) AS used
    ), parent AS (
      SELECT parent.* FROM (SELECT DISTINCT given.i_wholesaler AS i_customer FROM given) AS asked CROSS JOIN LATERAL (
        SELECT * FROM customers WHERE i_customer = asked.i_customer FOR SHARE
      ) AS parent
    ), judged AS (
      SELECT given.*, coalesce((given.row).payment_currency, tariffs.currency, parent.payment_currency) AS currency,
        ${numbersOf(treeRules.map(({ broken }) => broken))} AS broken,
        coalesce(clock_timestamp() >= to_timestamp(given.deadline / 1000), false) AS late
      FROM given
      LEFT JOIN parent ON parent.i_customer = given.i_wholesaler
      LEFT JOIN tariffs ON tariffs.i_tariff = (given.row).i_tariff AND tariffs.i_customer = parent.i_customer
      WHERE NOT EXISTS (SELECT FROM replayed WHERE replayed.n = given.n)
    ), created AS MATERIALIZED (
      SELECT *, CAST(nextval('customers_i_customer_seq') AS integer) AS i_customer
      FROM judged WHERE broken = '{}' AND NOT late
    ), inserted AS (
      INSERT INTO customers (
        i_customer, i_wholesaler, payment_currency, ${[...secretColumns, ...storedAsGiven].join(', ')})
      OVERRIDING SYSTEM VALUE
      SELECT i_customer, given.i_wholesaler, currency,
        ${[...secretColumns.map((name) => `given.${name}`), ...storedAsGiven.map((name) => `(given.row).${name}`)].join(', ')}
      FROM created AS given ORDER BY (given.row).name
    ), opening AS (
      INSERT INTO balance_entries (i_customer, amount)
      SELECT i_customer, (given.row).balance FROM created AS given WHERE (given.row).balance <> 0
    ), audit AS (
      INSERT INTO audit_log (i_customer, mode, i_caller, address, request_id, params)
      SELECT i_customer, given.mode, given.i_caller, given.address, given."requestId", given.customer
      FROM created AS given
    ), keyed AS (
      INSERT INTO idempotency_keys (i_wholesaler, key, i_customer, params_hash)
      SELECT given.i_wholesaler, given.key, i_customer, given."paramsHash" FROM created AS given
    )
    SELECT n, i_customer, given."paramsHash" AS "paramsHash", false AS replayed, broken, late FROM created AS given
    UNION ALL
    SELECT n, i_customer, params_hash, true, '{}', false FROM replayed
    UNION ALL
    SELECT n, NULL, NULL, false, broken, late FROM judged WHERE broken <> '{}' OR late`;

/**
 * Customers, their opening balances, audit rows and key rows in one statement, which is one transaction and one round trip.
 * The calls travel as one JSON document, so that the statement is the same for any number of them. A call whose key was
 * used before gives the customer of the first time; one that breaks rules of the tree gives their numbers. The lock on the
 * parents keeps their rights and their depth as they are until the transaction ends. Names are inserted in order, so that no
 * two statements wait for each other's in a circle. A connection plans it once, perhaps while the tables are empty: what is
 * looked up stands in LATERAL, so that it can become nothing but a look into an index for each call. Takes the longest wait for
 * a lock in ms or null, and the calls as JSON.
 */
export const insertCustomers: PreparedStatement = {
  name: 'insert-customers',
  text: `WITH given AS MATERIALIZED (${givenTogether})${insert}`,
};

/** Types by those of JSON Schema; the columns take them. */
const types: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'integer',
  number: 'numeric',
  boolean: 'boolean',
};

function typeOfMember(name: string): string {
  const { type } = createCustomerSchema.properties[name as keyof typeof createCustomerSchema.properties];
  return types[typeof type === 'string' ? type : type[0]] ?? 'text';
}

/** What the statement for one call has in the place of what it reads from a call: a parameter, for each value once. */
const parameters: ReadonlyMap<string, string> = new Map(
  [
    ...givenColumns.map((name) => [`given.${name}`, given[name]]),
    ...members.map((name) => [`(given.row).${name}`, typeOfMember(name)]),
  ].map(([what = '', type], index) => [what, `CAST($${index + 2} AS ${type})`]),
);

/** Where the statement reads a value of a call. */
const read = /\(given\.row\)\.\w+|given\."?\w+"?/g;

/**
 * The same for one call, whose values are parameters: a sixth less work for PostgreSQL than to take them from JSON, and through
 * the steps of the statement. Takes the longest wait for a lock, and the values in the order of `valuesOf`.
 */
export const insertCustomer: PreparedStatement = {
  name: 'insert-customer',
  text: `WITH given AS MATERIALIZED (SELECT 0 AS n, ${lockTimeout})${insert.replaceAll(
    read,
    (what) => parameters.get(what.replaceAll('"', '')) ?? what,
  )}`,
};

/** The values of a call for `insertCustomer`. */
export function valuesOf(call: Given): readonly unknown[] {
  return [
    ...givenColumns.map((name) => (name === 'customer' ? JSON.stringify(call.customer) : call[name])),
    ...members.map((name) => call.customer[name]),
  ];
}
