import type { PasswordPolicy } from '../schemas/password-policy.ts';
import type { Database } from './connect.ts';
import { type CustomerHead, headColumns } from './customer-rows.ts';
import { readPages } from './pages.ts';

const pageRows = 1000;

/** The customers that may call the API, page by page, in the order of their ids. */
export function listCallers(db: Database): AsyncGenerator<readonly CustomerHead[]> {
  return readPages<CustomerHead>(pageRows, (after) =>
    db('customers')
      .where({ api_access: 1 })
      .where('i_customer', '>', after?.i_customer ?? 0)
      .orderBy('i_customer')
      .limit(pageRows)
      .select(headColumns),
  );
}

/** The password policy of a customer as it is now, with its name; undefined when there is no such customer. */
export async function readApiPolicy(
  db: Database,
  i_customer: number,
): Promise<(PasswordPolicy & { readonly name: string }) | undefined> {
  return db('customers')
    .join('password_policies', 'password_policies.i_password_policy', 'customers.i_password_policy')
    .where({ i_customer })
    .first('password_policies.*');
}

/**
 * Gives a customer access to the API, and the password that was sealed for its login. False, and nothing is changed, when
 * the customer has another login by now, for which it would not open.
 */
export async function setApiAccess(
  db: Database,
  {
    i_customer,
    web_login,
    sealed,
  }: { readonly i_customer: number; readonly web_login: string; readonly sealed: string },
): Promise<boolean> {
  const changed = await db('customers').where({ i_customer, web_login }).update({ api_access: 1, api_ha1: sealed });
  return changed > 0;
}

/** Takes access to the API and the password away. The service sees it within seconds. */
export async function removeApiAccess(db: Database, i_customer: number): Promise<void> {
  await db('customers').where({ i_customer }).update({ api_access: 0, api_ha1: null });
}
