import type { Database } from '../../db/connect.ts';

/** Every right that a customer can have, so that a test takes away the one that it is about. */
export const everyRight = {
  accounts_mgmt: 7,
  customers_mgmt: 7,
  tariffs_mgmt: 7,
  vouchers_mgmt: 7,
  system_mgmt: 7,
  use_own_tariff: 1,
  api_mgmt: 1,
  callshop_enabled: true,
  overcommit_protection: true,
  did_pool_enabled: true,
  ivr_apps_enabled: true,
  asr_acd_enabled: true,
  debit_credit_cards_enabled: true,
  conferencing_enabled: true,
  share_payment_processors: true,
  dncl_enabled: true,
  max_depth: 5,
};

let parents = 0;

/** A parent with every right but those given otherwise, its id and the tariff that it owns. */
export async function insertParent(
  db: Database,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly i_customer: number; readonly i_tariff: number }> {
  parents += 1;
  const needed = { i_wholesaler: 1, payment_currency: 'USD', web_password_hash: 'none', ...everyRight };
  const row = { ...needed, name: `Parent ${parents} ${process.pid}`, ...changes };
  const [{ i_customer }] = await db('customers').insert(row).returning('i_customer');
  const tariff = { i_customer, name: 'Default', currency: 'USD' };
  const [{ i_tariff }] = await db('tariffs').insert(tariff).returning('i_tariff');
  return { i_customer, i_tariff };
}
