import type { Members } from '../services/calls.ts';

/** Rights that are bitmasks of add, edit and delete, as the reference text lists them. */
export const masks = ['accounts_mgmt', 'customers_mgmt', 'system_mgmt', 'tariffs_mgmt', 'vouchers_mgmt'] as const;

/** Rights that are on or off. */
export const features = [
  'callshop_enabled',
  'overcommit_protection',
  'did_pool_enabled',
  'ivr_apps_enabled',
  'asr_acd_enabled',
  'debit_credit_cards_enabled',
  'conferencing_enabled',
  'share_payment_processors',
  'dncl_enabled',
] as const;

/** What a customer may do, and so may grant. */
export type Rights = Readonly<
  Record<(typeof masks)[number] | 'use_own_tariff' | 'api_mgmt' | 'max_depth', number> &
    Record<(typeof features)[number], boolean>
>;

/** A customer, under the names of its columns. */
export interface Customer extends Rights {
  readonly i_customer: number;
  readonly i_wholesaler: number | null;
  readonly name: string;
  readonly web_login: string | null;
  readonly dns_alias: string | null;
  readonly payment_currency: string;
  readonly api_access: number;
  readonly i_tariff: number | null;
  readonly i_routing_group: number | null;
  readonly i_commission_agent: number | null;
}

/** A tariff or a routing group: its id and who owns it. */
interface Owned {
  readonly id: number;
  readonly owner: number;
}

/** The part of the world that a sequence of calls sees: root, a branch below it, and what these own. */
export interface Tree {
  readonly customers: readonly Customer[];
  readonly tariffs: readonly (Owned & { readonly currency: string })[];
  readonly groups: readonly Owned[];
  /** API passwords by customer, for those that have one. */
  readonly passwords: Readonly<Record<number, string>>;
}

/** A call of createCustomer: from a customer that logs in, or from a trusted host. */
export interface Call {
  readonly caller: Customer | 'trusted host';
  readonly members: Members;
}

/** A value for each of some names. */
export function forEachName<Name extends string, Value>(
  names: readonly Name[],
  make: (name: Name) => Value,
): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Name, Value>;
}

/** Every right there is, with this depth. */
export function everyRight(max_depth: number): Rights {
  const granted = { ...forEachName(masks, () => 7), ...forEachName(features, () => true) };
  return { ...granted, use_own_tariff: 1, api_mgmt: 1, max_depth };
}

/** The first customer of every database, as section 8 of the contract has it. */
export const root: Customer = {
  ...everyRight(32),
  i_customer: 1,
  i_wholesaler: null,
  name: 'root',
  web_login: 'root',
  dns_alias: null,
  payment_currency: 'USD',
  api_access: 1,
  i_tariff: null,
  i_routing_group: null,
  i_commission_agent: null,
};
