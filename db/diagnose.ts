import { faults, type Problem } from '../schemas/faults.ts';
import type { Database } from './connect.ts';
import type { NewCustomer } from './customers.ts';

/** One row: for each member, whether what it refers to is missing, or what it claims is taken. */
const findProblems = `
  WITH given AS (
    SELECT * FROM jsonb_populate_record(CAST(NULL AS customers), CAST(:customer AS jsonb))
  )
  SELECT
    NOT EXISTS (SELECT FROM customers c WHERE c.i_customer = :i_wholesaler) AS i_wholesaler,
    i_tariff IS NOT NULL AND NOT EXISTS (
      SELECT FROM tariffs t WHERE t.i_tariff = given.i_tariff AND t.i_customer = :i_wholesaler) AS i_tariff,
    i_routing_group IS NOT NULL AND NOT EXISTS (
      SELECT FROM routing_groups r
      WHERE r.i_routing_group = given.i_routing_group AND r.i_customer = :i_wholesaler) AS i_routing_group,
    i_commission_agent IS NOT NULL AND NOT EXISTS (
      SELECT FROM customers c
      WHERE c.i_customer = given.i_commission_agent AND c.i_wholesaler = :i_wholesaler) AS i_commission_agent,
    payment_currency IS NOT NULL AND NOT EXISTS (
      SELECT FROM currencies c WHERE c.currency = given.payment_currency) AS payment_currency,
    NOT EXISTS (SELECT FROM password_policies p WHERE p.i_password_policy = given.i_password_policy)
      AS i_password_policy,
    NOT EXISTS (SELECT FROM time_zones t WHERE t.i_time_zone = given.i_time_zone) AS i_time_zone,
    NOT EXISTS (SELECT FROM languages l WHERE l.i_lang = given.i_lang) AS i_lang,
    NOT EXISTS (SELECT FROM export_types e WHERE e.i_export_type = given.i_export_type) AS i_export_type,
    NOT EXISTS (SELECT FROM start_pages s WHERE s.start_page = given.start_page) AS start_page,
    EXISTS (SELECT FROM customers c WHERE c.name = given.name) AS name,
    EXISTS (SELECT FROM customers c WHERE c.web_login = given.web_login) AS web_login,
    EXISTS (SELECT FROM customers c WHERE lower(c.dns_alias) = lower(given.dns_alias)) AS dns_alias
  FROM given`;

const uniqueMembers: readonly string[] = ['name', 'web_login', 'dns_alias'];

/**
 * Every problem of a customer that only the database knows: references that do not exist or belong to another, and
 * names that are taken. Asked once a customer is refused, for a constraint reports one problem alone.
 */
export async function diagnose(
  db: Database,
  customer: Omit<NewCustomer, 'web_password_hash'>,
  i_wholesaler: number,
): Promise<readonly Problem[]> {
  const { rows } = await db.raw(findProblems, { customer: JSON.stringify(customer), i_wholesaler });
  const members = Object.keys(rows[0]).filter((member) => rows[0][member]);
  return members.map((member) =>
    uniqueMembers.includes(member) ? faults.inUse(member) : faults.wrongReference(member),
  );
}
