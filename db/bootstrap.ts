import type { Sealer } from '../runtime/seal.ts';
import type { Database } from './connect.ts';
import { canOpenApiPassword, sealApiPassword } from './credentials.ts';

/** The first customer: the root of the tree. */
const rootCustomer = 1;
const rootLogin = 'root';

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
 * @param options.rootApiPassword gives root's API password; called only when root is about to be made
 * @returns whether root was made here
 */
export async function bootstrap(
  db: Database,
  options: { readonly sealer: Sealer; readonly realm: string; readonly rootApiPassword: () => string },
): Promise<boolean> {
  if (await db('customers').where({ i_customer: rootCustomer }).first('i_customer')) return false;
  const credential = { login: rootLogin, realm: options.realm, password: options.rootApiPassword() };
  const sealed = sealApiPassword(options.sealer, credential);
  const { rowCount } = await db.raw(insertRoot, [rootCustomer, 'root', rootLogin, sealed]);
  return rowCount > 0;
}

/**
 * True when the keys open what the database stores of API passwords. Root's is looked at, for it was there first; a
 * database without one has nothing to open.
 */
export async function keysFit(db: Database, sealer: Sealer): Promise<boolean> {
  const root = await db('customers')
    .where({ i_customer: rootCustomer })
    .whereNotNull('api_ha1')
    .first('web_login', 'api_ha1');
  return root === undefined || canOpenApiPassword(sealer, root.web_login, root.api_ha1);
}
