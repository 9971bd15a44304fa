import { dictionaries, policies } from './dictionaries.ts';
import { type Given, type Problem, readMembers } from './forms.ts';
import { type Call, type Customer, features, masks, type Tree } from './tree.ts';

/** What the rules look at, beside the tree. */
interface Case {
  readonly tree: Tree;
  readonly call: Call;
  readonly given: Given;
  /** Undefined when a trusted host names none, or one that does not exist. */
  readonly parent: Customer | undefined;
  readonly login: string | undefined;
}

/** The codes of section 6 of the contract, the gravest first. */
const gravity = [410, 400, 403, 401, 409];

const problem = (code: number, rule: string, isBroken: boolean): readonly Problem[] =>
  isBroken ? [{ code, rule }] : [];

/** With API access the login goes into a Digest header, and many clients put only plain characters there. */
const isPlain = (login: string) => /^[!#-[\]-~]+$/.test(login);

/** The login: what is given, else the name where it would do as one. */
function loginOf(given: Given): string | undefined {
  if (given.web_login !== undefined) return `${given.web_login}`;
  const name = `${given.name ?? ''}`;
  const qualifies = [...name].length <= 32 && !name.includes(':') && name !== '';
  return qualifies && (given.api_access !== 1 || isPlain(name)) ? name : undefined;
}

const isSent = (value: unknown) => value !== undefined && value !== null && value !== '';

function missing({ call, given, login }: Case): readonly Problem[] {
  const { members } = call;
  const lacks = (name: string) => given[name] === undefined && !isSent(members[name]);
  const withApi = given.api_access === 1;
  return [
    ...['i_tariff', 'name', 'web_password'].flatMap((name) => problem(410, name, !(name in members))),
    ...problem(410, 'api_password', withApi && lacks('api_password')),
    ...problem(410, 'web_login', withApi && lacks('web_login') && login === undefined),
    ...problem(410, 'i_wholesaler', call.caller === 'trusted host' && lacks('i_wholesaler')),
  ];
}

function breaksPolicy({ given, login }: Case, password: string): boolean {
  const policy = policies[Number(given.i_password_policy ?? 1)];
  if (policy === undefined) return false;
  const names = [given.name, login].filter((name) => typeof name === 'string');
  return (
    [...password].length < policy.min_length ||
    (policy.needs_letter && !/\p{L}/u.test(password)) ||
    (policy.needs_digit && !/\d/.test(password)) ||
    (policy.forbids_name_and_login && names.some((name) => password.includes(name)))
  );
}

function unfit(current: Case): readonly Problem[] {
  const { given } = current;
  const passwords = ['web_password', 'api_password'].flatMap((name) =>
    problem(400, `policy of ${name}`, typeof given[name] === 'string' && breaksPolicy(current, given[name])),
  );
  const notPlain = given.api_access === 1 && typeof given.web_login === 'string' && !isPlain(given.web_login);
  return [...passwords, ...problem(400, 'login with API access', notPlain)];
}

/** The depth of the tree binds everybody. */
function tooDeep({ given }: Case, parent: Customer): readonly Problem[] {
  return [
    ...problem(403, 'depth of the parent', parent.max_depth < 1),
    ...problem(403, 'depth of the child', parent.max_depth >= 1 && Number(given.max_depth ?? 0) >= parent.max_depth),
  ];
}

/** Nobody grants what it lacks; a trusted host is not bound. */
function overreaching({ given }: Case, parent: Customer): readonly Problem[] {
  const grantsBits = (mask: (typeof masks)[number]) => (Number(given[mask] ?? 0) & ~parent[mask]) !== 0;
  const needsApi = [given.api_access === 1, given.api_mgmt === 1, given.api_password !== undefined];
  const lacksApi = parent.api_mgmt === 0;
  const lacksOwn = parent.use_own_tariff === 0;
  return [
    ...problem(403, 'may not add customers', (parent.customers_mgmt & 1) === 0),
    ...masks.flatMap((mask) => problem(403, mask, grantsBits(mask))),
    ...features.flatMap((name) => problem(403, name, given[name] === true && !parent[name])),
    ...problem(403, 'use_own_tariff', given.use_own_tariff === 1 && lacksOwn),
    ...problem(403, 'own tariff', given.i_tariff === null && lacksOwn),
    ...['api_access', 'api_mgmt', 'api_password'].flatMap((name, index) =>
      problem(403, name, lacksApi && needsApi[index] === true),
    ),
    ...problem(403, 'scope', given.i_wholesaler !== undefined && given.i_wholesaler !== parent.i_customer),
  ];
}

function unknownReferences({ tree, call, given, parent }: Case): readonly Problem[] {
  const isOwn = (list: Tree['groups'], id: Given[string]) =>
    list.some((each) => each.id === id && each.owner === parent?.i_customer);
  const isSibling = tree.customers.some(
    ({ i_customer, i_wholesaler }) => i_customer === given.i_commission_agent && i_wholesaler === parent?.i_customer,
  );
  const isPolicy = Object.hasOwn(policies, `${given.i_password_policy}`);
  const isNamed = (name: string) => given[name] !== undefined && given[name] !== null;
  return [
    ...problem(401, 'i_wholesaler', call.caller === 'trusted host' && isNamed('i_wholesaler') && parent === undefined),
    ...problem(401, 'i_tariff', isNamed('i_tariff') && !isOwn(tree.tariffs, given.i_tariff)),
    ...problem(401, 'i_routing_group', isNamed('i_routing_group') && !isOwn(tree.groups, given.i_routing_group)),
    ...problem(401, 'i_commission_agent', isNamed('i_commission_agent') && !isSibling),
    ...problem(401, 'i_password_policy', isNamed('i_password_policy') && !isPolicy),
    ...Object.entries(dictionaries).flatMap(([name, { known }]) =>
      problem(401, name, isNamed(name) && !known.some((each) => each === given[name])),
    ),
  ];
}

function taken({ tree, given, login }: Case): readonly Problem[] {
  const alias = `${given.dns_alias ?? ''}`.toLowerCase();
  const isTaken = (isSame: (customer: Customer) => boolean) => tree.customers.some(isSame);
  const hasName = isTaken(({ name }) => name === given.name);
  const hasLogin = isTaken(({ web_login }) => web_login !== null && web_login === login);
  const hasAlias = isTaken(({ dns_alias }) => dns_alias?.toLowerCase() === alias);
  return [
    ...problem(409, 'name', hasName),
    ...problem(409, 'web_login', hasLogin),
    ...problem(409, 'dns_alias', hasAlias),
  ];
}

function parentOf({ customers }: Tree, { caller }: Call, given: Given): Customer | undefined {
  if (caller !== 'trusted host') return caller;
  return customers.find(({ i_customer }) => i_customer === given.i_wholesaler);
}

/** What the rules say to a call. */
export interface Verdict {
  readonly code: number | 'OK';
  /** Every rule that is broken. */
  readonly problems: readonly Problem[];
  readonly given: Given;
  readonly parent: Customer | undefined;
  readonly login: string | undefined;
}

/** Judges a call by sections 3, 5 and 6 of the contract, written anew: the service is not measured with its own rules. */
export function judge(tree: Tree, call: Call): Verdict {
  const { given, problems: malformed } = readMembers(call.members);
  const [parent, login] = [parentOf(tree, call, given), loginOf(given)];
  const current: Case = { tree, call, given, parent, login };
  const rights = parent !== undefined && call.caller !== 'trusted host' ? overreaching(current, parent) : [];
  const depths = parent === undefined ? [] : tooDeep(current, parent);
  const others = [...missing(current), ...unfit(current), ...unknownReferences(current), ...taken(current)];
  const problems = [...malformed, ...rights, ...depths, ...others];
  const code = gravity.find((each) => problems.some((found) => found.code === each)) ?? 'OK';
  return { code, problems, given, parent, login };
}
