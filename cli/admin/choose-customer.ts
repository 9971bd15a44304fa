import type { Database } from '../../db/connect.ts';
import { type CustomerHead, findCustomers } from '../../db/customer-rows.ts';
import { OperatorError } from '../operator-error.ts';
import { quoted } from '../quoted.ts';

/** A customer as sentences name it. */
export function described({ i_customer, name }: Pick<CustomerHead, 'i_customer' | 'name'>): string {
  return `customer ${i_customer} ${quoted(name)}`;
}

/**
 * The customer that an argument means: the one with this id, else with this name, else with this login.
 * @throws OperatorError when there is none, or when one has it as its name and another as its login
 */
export async function chooseCustomer(db: Database, text: string): Promise<CustomerHead> {
  const found = await findCustomers(db, text);
  const byId = found.find(({ i_customer }) => String(i_customer) === text);
  if (byId) return byId;
  const [first, second] = found;
  if (!first) {
    throw new OperatorError(
      `There is no customer with the id, name or login ${quoted(text)}: see "createcustomer admin customer list".`,
    );
  }
  if (!second) return first;
  const [named, other] = first.name === text ? [first, second] : [second, first];
  throw new OperatorError(
    `${quoted(text)} is the name of customer ${named.i_customer} and the login of customer ${other.i_customer}: give the id.`,
  );
}
