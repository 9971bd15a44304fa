import { randomBytes } from 'node:crypto';
import type { Sealer } from '../runtime/seal.ts';
import type { Database } from './connect.ts';
import { sealApiPassword } from './credentials.ts';

/** The first customer: the root of the tree. */
const rootCustomer = 1;
const rootLogin = 'root';
const madePasswordBytes = 15;

/** Every right, so that the root can grant any; each row owned by it. */
const insertRoot = `
  WITH root AS (
    INSERT INTO customers (
      i_customer, name, web_login, payment_currency, max_depth,
      accounts_mgmt, customers_mgmt, tariffs_mgmt, vouchers_mgmt, system_mgmt, use_own_tariff, api_mgmt,
      callshop_enabled, overcommit_protection, did_pool_enabled, ivr_apps_enabled, asr_acd_enabled,
      debit_credit_cards_enabled, conferencing_enabled, share_payment_processors, dncl_enabled,
      api_access, api_ha1)
    OVERRIDING SYSTEM VALUE
    VALUES (?, ?, ?, 'USD', 32, 7, 7, 7, 7, 7, 1, 1, true, true, true, true, true, true, true, true, true, 1, ?)
    ON CONFLICT DO NOTHING
    RETURNING i_customer
  ), tariff AS (
    INSERT INTO tariffs (i_customer, name, currency) SELECT i_customer, 'Default', 'USD' FROM root
  )
  INSERT INTO routing_groups (i_customer, name) SELECT i_customer, 'Default' FROM root`;

/**
 * Sets up an empty database: customer 1 `root` with every right, tariff 1 `Default` in USD and routing group 1. On a
 * database that has a customer 1 it does nothing. Two processes may call it at once: one of them does it.
 * @returns root's API password when it was made here, for it is shown once and stored only as a hash
 */
export async function bootstrap(
  db: Database,
  options: { readonly sealer: Sealer; readonly realm: string; readonly rootApiPassword?: string | undefined },
): Promise<{ readonly madePassword?: string }> {
  if (await db('customers').where({ i_customer: rootCustomer }).first('i_customer')) return {};
  const password = options.rootApiPassword ?? randomBytes(madePasswordBytes).toString('base64url');
  const credential = { login: rootLogin, realm: options.realm, password };
  const { rowCount } = await db.raw(insertRoot, [
    rootCustomer,
    'root',
    rootLogin,
    sealApiPassword(options.sealer, credential),
  ]);
  return rowCount === 0 || options.rootApiPassword !== undefined ? {} : { madePassword: password };
}
