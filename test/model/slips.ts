import type { Encodable } from '../../api/encode.ts';
import { dictionaries } from './dictionaries.ts';
import { type Customer, features, masks, type Tree } from './tree.ts';

/** Members that are put into a call, or taken out where they are undefined. */
export type Changes = Readonly<Record<string, Encodable | undefined>>;

/** The call in which a mistake is made. */
export interface Setting {
  readonly tree: Tree;
  readonly parent: Customer;
  readonly members: Changes;
  readonly nth: number;
}

/** An id that nothing has. */
const nothing = 999_999_999;

/** The nth of a list, from its beginning again after its end. */
export function pick<Value>(list: readonly Value[], nth: number): Value | undefined {
  return list[nth % list.length];
}

const badForms: readonly Changes[] = [
  ...['', ' x', 'x ', 'x\ny', 'x'.repeat(129), '😀'.repeat(129)].map((name) => ({ name })),
  ...['', 'correct7'.repeat(17)].map((web_password) => ({ web_password })),
  ...['a:b', ' a', 'a\tb', 'x'.repeat(33), '😀'.repeat(33)].map((web_login) => ({ web_login })),
  ...['abc', 1.5, '12abc', 2 ** 31].map((i_tariff) => ({ i_tariff })),
  ...['i_routing_group', 'i_commission_agent', 'i_password_policy', 'i_wholesaler', 'i_time_zone'].flatMap((name) =>
    ['abc', 1.5].map((value) => ({ [name]: value })),
  ),
  ...masks.flatMap((mask) => [8, -1, '9', 1.5, 'all'].map((value) => ({ [mask]: value }))),
  ...features.flatMap((feature) => [2, 'yes', -1].map((value) => ({ [feature]: value }))),
  ...['api_access', 'api_mgmt', 'use_own_tariff'].flatMap((flag) => [2, 'yes'].map((value) => ({ [flag]: value }))),
  ...[33, -1, 'deep'].map((max_depth) => ({ max_depth })),
  ...[1e12, -1e12, 'much'].map((balance) => ({ balance })),
  ...[1e12, -1].map((credit_limit) => ({ credit_limit })),
  ...[101, -100.5].map((commission_size) => ({ commission_size })),
  ...[-2, '2147483648', 1.5].map((max_sessions) => ({ max_sessions })),
  ...[0, 32_768].map((payment_method) => ({ payment_method })),
  ...['usd', 'EURO'].map((payment_currency) => ({ payment_currency })),
  ...[{ max_calls_per_second: -2 }, { overcommit_limit: -1 }, { min_payment_amount: -1 }, { mid_init: 'x'.repeat(17) }],
  ...[{ phone: '1'.repeat(65) }, { description: 'x'.repeat(1025) }, { dns_alias: '-x' }, { email: 'nobody' }],
  ...[{ accounts_matching_rule: '(' }, { api_password: 'correct7'.repeat(17) }],
];

const unknownNames = [
  'colour',
  'Name',
  'toString',
  'i_customer',
  'web_password_hash',
  'constructor',
  'i_password_policy"',
];

const unknownReferences: readonly Changes[] = [
  ...Object.entries(dictionaries).flatMap(([name, { unknown }]) => unknown.map((value) => ({ [name]: value }))),
  ...['i_tariff', 'i_routing_group', 'i_commission_agent', 'i_password_policy'].map((name) => ({ [name]: nothing })),
];

function weaken({ members, nth }: Setting): Changes {
  const name = nth % 2 === 0 ? 'web_password' : 'api_password';
  const contained = [members.name, members.web_login].filter((text) => typeof text === 'string' && text.length > 4);
  const weak = ['abc1234', 'correcthorse', '1234567890', ...contained.map((text) => `1${text}x`)];
  return { [name]: pick(weak, Math.floor(nth / 2)) };
}

/** Owned by anybody but the parent, where there is such a thing. */
function foreign({ tree, parent, nth }: Setting): Changes {
  const isForeign = ({ owner }: { readonly owner: number }) => owner !== parent.i_customer;
  const strangers = tree.customers.filter(({ i_wholesaler }) => i_wholesaler !== parent.i_customer);
  const changes: readonly Changes[] = [
    { i_tariff: pick(tree.tariffs.filter(isForeign), nth)?.id ?? nothing },
    { i_routing_group: pick(tree.groups.filter(isForeign), nth)?.id ?? nothing },
    { i_commission_agent: pick(strangers, nth)?.i_customer ?? nothing },
  ];
  return pick(changes, Math.floor(nth / 100)) ?? {};
}

function takeName({ tree, nth }: Setting): Changes {
  const { name, web_login, dns_alias } = pick(tree.customers, Math.floor(nth / 8)) ?? {};
  const login = web_login ?? undefined;
  const alias = dns_alias ?? undefined;
  const changes: readonly Changes[] = [
    { name },
    { web_login: login },
    { dns_alias: nth % 16 < 8 ? alias?.toUpperCase() : alias },
    { name: login, web_login: undefined },
  ];
  return pick(changes, nth) ?? {};
}

/** Asks for something that the parent lacks, so far as it lacks anything. */
function overreach({ parent, nth }: Setting): Changes {
  const { max_depth, use_own_tariff, api_mgmt } = parent;
  const changes: readonly Changes[] = [
    ...masks.filter((mask) => parent[mask] !== 7).map((mask) => ({ [mask]: 7 })),
    ...features.filter((feature) => !parent[feature]).map((feature) => ({ [feature]: true })),
    ...(use_own_tariff === 0 ? [{ use_own_tariff: 1 }, { i_tariff: null }, { i_tariff: '' }] : []),
    ...(api_mgmt === 0 ? [{ api_mgmt: 1 }, { api_password: 'telephone-1' }] : []),
    { max_depth: Math.min(max_depth + (nth % 2), 32) },
  ];
  return pick(changes, nth) ?? {};
}

/** Ways to spoil a call; whether one breaks a rule, and which, depends on the tree. */
export const slips = {
  leaveOut: ({ nth }: Setting) => ({
    [pick(['i_tariff', 'name', 'web_password', 'i_wholesaler'], nth) ?? '']: undefined,
  }),
  noPassword: () => ({ api_access: 1, api_password: undefined }),
  noLogin: ({ members }: Setting) => ({
    api_access: 1,
    api_password: 'telephone-1',
    name: `${members.name} :`,
    web_login: '',
  }),
  badForm: ({ nth }: Setting) => pick(badForms, nth) ?? {},
  unknownMember: ({ nth }: Setting) => ({ [pick(unknownNames, nth) ?? '']: 1 }),
  weaken,
  unknownReference: ({ nth }: Setting) => pick(unknownReferences, nth) ?? {},
  foreign,
  takeName,
  overreach,
  otherWholesaler: ({ tree, nth }: Setting) => ({ i_wholesaler: pick(tree.customers, nth)?.i_customer }),
  noWholesaler: ({ nth }: Setting) => ({ i_wholesaler: pick([nothing, '', null, `${nothing}`], nth) }),
} satisfies Record<string, (setting: Setting) => Changes>;
