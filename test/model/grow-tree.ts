import type { Verdict } from './rules.ts';
import { type Customer, features, forEachName, masks, type Tree } from './tree.ts';

/** The customer that an accepted call makes, with the defaults of section 5 of the contract. */
function customerOf(tree: Tree, { given, parent, login }: Verdict, i_customer: number): Customer {
  const tariff = tree.tariffs.find(({ id }) => id === given.i_tariff);
  const number = (name: string) => Number(given[name] ?? 0);
  const reference = (name: string) => (given[name] == null ? null : Number(given[name]));
  const numbers = [...masks, 'use_own_tariff', 'api_mgmt', 'api_access', 'max_depth'] as const;
  const ids = ['i_tariff', 'i_routing_group', 'i_commission_agent'] as const;
  return {
    ...forEachName(numbers, number),
    ...forEachName(features, (name) => given[name] === true),
    ...forEachName(ids, reference),
    i_customer,
    i_wholesaler: parent?.i_customer ?? null,
    name: `${given.name}`,
    web_login: login ?? null,
    dns_alias: given.dns_alias == null ? null : `${given.dns_alias}`,
    payment_currency: `${given.payment_currency ?? tariff?.currency ?? parent?.payment_currency}`,
  };
}

/** The tree once an accepted call has been carried out: later calls see the new customer, and can be its own. */
export function grow(tree: Tree, verdict: Verdict, i_customer: number): Tree {
  const customer = customerOf(tree, verdict, i_customer);
  const password = customer.api_access === 1 ? { [i_customer]: `${verdict.given.api_password}` } : {};
  return { ...tree, customers: [...tree.customers, customer], passwords: { ...tree.passwords, ...password } };
}
