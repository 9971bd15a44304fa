import type { Encodable } from '../../api/encode.ts';
import { type Draft, nameForms } from './draw-call.ts';
import { type Changes, pick, slips } from './slips.ts';
import { type Call, type Customer, features, masks, root, type Tree } from './tree.ts';

const goodPassword = 'correct7horse';

/** Root lacks nothing, so that calls below it say little: it is taken only now and then. */
const rootIsTakenEvery = 8;

function chooseParent(tree: Tree, { isTrusted, isApt, parent }: Draft): Customer {
  const callers = tree.customers.filter(({ api_access }) => isTrusted || api_access === 1);
  const able = callers.filter((each) => each.max_depth > 0 && (isTrusted || (each.customers_mgmt & 1) === 1));
  const candidates = (isApt ? able : callers).filter(({ i_customer }) => i_customer !== root.i_customer);
  return (parent % rootIsTakenEvery === 0 ? undefined : pick(candidates, parent)) ?? root;
}

/** Takes away what the parent lacks. */
function withinReach(asks: Draft['asks'], parent: Customer): Changes {
  const granted: Record<string, Encodable> = {};
  for (const mask of masks) if (asks[mask] !== undefined) granted[mask] = asks[mask] & parent[mask];
  for (const feature of features) if (asks[feature] !== undefined) granted[feature] = asks[feature] && parent[feature];
  for (const flag of ['use_own_tariff', 'api_mgmt'] as const) {
    if (asks[flag] !== undefined) granted[flag] = Math.min(asks[flag], parent[flag]);
  }
  if (asks.max_depth !== undefined) granted.max_depth = Math.min(asks.max_depth, Math.max(parent.max_depth - 1, 0));
  return granted;
}

/** References that the parent has, where it has any; or any, when the draft wants that. */
function references(tree: Tree, draft: Draft, parent: Customer): Changes {
  const isAny = !draft.isOwn;
  const own = ({ owner }: { readonly owner: number }) => isAny || owner === parent.i_customer;
  const siblings = tree.customers.filter(({ i_wholesaler }) => isAny || i_wholesaler === parent.i_customer);
  const mayBeNil = draft.isTrusted || isAny || parent.use_own_tariff === 1;
  const tariffs = [...tree.tariffs.filter(own).map(({ id }) => id), ...(mayBeNil ? [null, ''] : [])];
  const nth = <Value>(list: readonly Value[], index: number | null) => (index === null ? undefined : pick(list, index));
  return {
    i_tariff: tariffs.length === 0 ? null : pick(tariffs, draft.tariff),
    i_routing_group: nth(tree.groups.filter(own), draft.group)?.id,
    i_commission_agent: nth(siblings, draft.agent)?.i_customer,
  };
}

function api({ withApi, isModest, isTrusted }: Draft, parent: Customer): Changes {
  const isAsked = withApi && (!isModest || isTrusted || parent.api_mgmt === 1);
  return isAsked ? { api_access: 1, api_password: 'telephone-2' } : {};
}

function naming({ nameForm, loginForm, policy, withAlias }: Draft, unique: string): Changes {
  const login = { none: undefined, empty: '' };
  const isLong = policy === 'long';
  return {
    name: nameForms[nameForm](unique),
    web_login: loginForm === 'none' || loginForm === 'empty' ? login[loginForm] : nameForms[loginForm](`L${unique}`),
    dns_alias: withAlias ? `${unique}.Example.org` : undefined,
    web_password: isLong ? '------------' : goodPassword,
    ...(isLong ? { api_password: undefined, api_access: 0, "i_password_policy'": 2 } : {}),
    ...(policy === 'default' ? { i_password_policy: 1 } : {}),
  };
}

/** The same value as some clients would send it: all as text, or booleans as digits. */
function spell(spelling: string, value: Encodable | undefined): Encodable | undefined {
  if (spelling === 'text' && (typeof value === 'number' || typeof value === 'boolean')) return `${value}`;
  return spelling === 'digits' && typeof value === 'boolean' ? Number(value) : value;
}

/** Makes a draft the call of a tree: as good as the draft wants it, and then spoilt by its slips. */
export function writeCall(tree: Tree, draft: Draft, unique: string): Call {
  const parent = chooseParent(tree, draft);
  const good: Changes = {
    ...draft.others,
    ...(draft.isModest && !draft.isTrusted ? withinReach(draft.asks, parent) : draft.asks),
    ...(draft.isModest ? { max_depth: withinReach(draft.asks, parent).max_depth } : {}),
    ...references(tree, draft, parent),
    ...api(draft, parent),
    ...naming(draft, unique),
    ...(draft.isTrusted ? { i_wholesaler: parent.i_customer } : {}),
  };
  const spelled = Object.entries(good).map(([name, value]) => [name, spell(draft.spelling, value)] as const);
  const members: Record<string, Encodable | undefined> = Object.fromEntries(spelled);
  for (const { kind, nth } of draft.slips) Object.assign(members, slips[kind]({ tree, parent, members, nth }));
  const sent = Object.entries(members).filter((entry): entry is [string, Encodable] => entry[1] !== undefined);
  return { caller: draft.isTrusted ? 'trusted host' : parent, members: Object.fromEntries(sent) };
}
