import { type CreateCustomerParams, createCustomerSchema, secretMembers } from '../schemas/create-customer.ts';
import type { Database } from './connect.ts';

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
}

export interface Created {
  readonly i_customer: number;
  /** True when the key had created it before; then `paramsHash` is that of the first time. */
  readonly replayed: boolean;
  readonly paramsHash: string;
}

const notColumns: readonly string[] = [...secretMembers, 'i_wholesaler', 'payment_currency'];
const members = Object.keys(createCustomerSchema.properties).filter((name) => !notColumns.includes(name));
const plainColumns = [...members, 'web_password_hash', 'api_ha1'];

/**
 * Customer, opening balance, audit row and key row in one statement, which is one transaction and one round trip. The
 * row travels as one JSON document, so that the statement is the same for every call.
 */
const insertCustomer = `
  WITH replayed AS (
    SELECT i_customer, params_hash FROM idempotency_keys WHERE i_wholesaler = :i_wholesaler AND key = :key
  ), parent AS (
    -- The rights of the parent and its depth belong here, so that they are checked under the same lock.
    SELECT i_customer, payment_currency FROM customers WHERE i_customer = :i_wholesaler FOR KEY SHARE
  ), created AS (
    INSERT INTO customers (i_wholesaler, payment_currency, ${plainColumns.join(', ')})
    SELECT parent.i_customer, coalesce(given.payment_currency, tariffs.currency, parent.payment_currency),
      ${plainColumns.map((column) => `given.${column}`).join(', ')}
    FROM parent
    CROSS JOIN jsonb_populate_record(CAST(NULL AS customers), CAST(:customer AS jsonb)) AS given
    LEFT JOIN tariffs ON tariffs.i_tariff = given.i_tariff AND tariffs.i_customer = parent.i_customer
    WHERE NOT EXISTS (SELECT FROM replayed)
    RETURNING i_customer, balance
  ), opening AS (
    INSERT INTO balance_entries (i_customer, amount) SELECT i_customer, balance FROM created WHERE balance <> 0
  ), audit AS (
    INSERT INTO audit_log (i_customer, mode, i_caller, address, request_id, params)
    SELECT i_customer, :mode, CAST(:i_caller AS integer), :address, :request_id,
      CAST(:customer AS jsonb) - 'web_password_hash' - 'api_ha1'
    FROM created
  ), keyed AS (
    INSERT INTO idempotency_keys (i_wholesaler, key, i_customer, params_hash)
    SELECT :i_wholesaler, :key, i_customer, :params_hash FROM created
  )
  SELECT i_customer, :params_hash AS params_hash, false AS replayed FROM created
  UNION ALL
  SELECT i_customer, params_hash, true FROM replayed`;

/**
 * Inserts a customer with everything that belongs to it, or nothing. A key that was used before inserts nothing and
 * gives the customer of the first time.
 * @returns undefined when the parent does not exist
 * @throws the driver's error when a constraint is violated; `violation` in `violations.ts` reads it
 */
export async function createCustomer(
  db: Database,
  customer: NewCustomer,
  creation: Creation,
): Promise<Created | undefined> {
  const { rows } = await db.raw(insertCustomer, {
    customer: JSON.stringify(customer),
    i_wholesaler: creation.i_wholesaler,
    key: creation.key,
    params_hash: creation.paramsHash,
    mode: creation.mode,
    i_caller: creation.i_caller,
    address: creation.address,
    request_id: creation.requestId,
  });
  const [row] = rows;
  return row && { i_customer: row.i_customer, replayed: row.replayed, paramsHash: row.params_hash };
}
