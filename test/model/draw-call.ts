import fc from 'fast-check';
import { dictionaries } from './dictionaries.ts';
import { slips } from './slips.ts';
import { features, forEachName, masks } from './tree.ts';

/** Names by what they are good for; each is made of a text that no other call has. */
export const nameForms = {
  plain: (unique: string) => unique,
  spaced: (unique: string) => `${unique} & Sons`,
  accented: (unique: string) => `${unique}-Größe`,
  quoted: (unique: string) => `${unique}"`,
  withColon: (unique: string) => `${unique}:b`,
  longestLogin: (unique: string) => unique.padEnd(32, 'y'),
  tooLongForLogin: (unique: string) => unique.padEnd(33, 'z'),
  longestLoginOfPairs: (unique: string) => unique + '😀'.repeat(32 - unique.length),
  longestOfPairs: (unique: string) => unique + '😀'.repeat(128 - unique.length),
};

const nameForm = fc.oneof(
  { weight: 3, arbitrary: fc.constant('plain' as const) },
  { weight: 1, arbitrary: fc.constantFrom(...(Object.keys(nameForms) as (keyof typeof nameForms)[])) },
);

const loginForm = fc.oneof(
  { weight: 3, arbitrary: fc.constant('none' as const) },
  { weight: 2, arbitrary: fc.constant('plain' as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('empty' as const, 'longestLogin', 'longestLoginOfPairs', 'spaced', 'quoted'),
  },
);

const some = { requiredKeys: [] };

/** What a call may ask for itself; `max_depth` is little, as trees are. */
const asks = fc.record(
  {
    ...forEachName(masks, () => fc.nat(7)),
    ...forEachName(features, () => fc.boolean()),
    use_own_tariff: fc.nat(1),
    api_mgmt: fc.nat(1),
    max_depth: fc.nat(3),
  },
  some,
);

const known = <Value>(list: readonly Value[]) => fc.constantFrom(...list, '');

/** Members that no rule of the tree looks at, in good forms. */
const others = fc.record(
  {
    balance: fc.constantFrom(0, 12.5, -3, '7.25', ''),
    credit_limit: fc.constantFrom(0, 100, '1', ''),
    email: fc.constantFrom('a@example.org', ''),
    payment_currency: known(dictionaries.payment_currency.known),
    commission_size: fc.constantFrom(-100, 100, 2.5),
    i_time_zone: known(dictionaries.i_time_zone.known),
    i_lang: known(dictionaries.i_lang.known),
    i_export_type: known(dictionaries.i_export_type.known),
    start_page: known(dictionaries.start_page.known),
    max_sessions: fc.constantFrom(0, -1, null, '', 2 ** 31 - 1),
    max_calls_per_second: fc.constantFrom(0, -1, null, '', 1.5),
    company_name: fc.constantFrom('', ' a ', 'Müller'),
  },
  some,
);

/** How often each mistake is drawn: so that every fault code is frequent. */
const slipWeights: Readonly<Record<keyof typeof slips, number>> = {
  leaveOut: 4,
  noPassword: 1,
  noLogin: 1,
  badForm: 5,
  unknownMember: 1,
  weaken: 3,
  unknownReference: 4,
  foreign: 5,
  takeName: 8,
  overreach: 10,
  otherWholesaler: 2,
  noWholesaler: 1,
};
const kinds = (Object.keys(slips) as (keyof typeof slips)[]).map((kind) => ({
  weight: slipWeights[kind],
  arbitrary: fc.constant(kind),
}));
const slip = fc.record({ kind: fc.oneof(...kinds), nth: fc.nat(9999) });
const mistakes = fc.oneof(
  { weight: 5, arbitrary: fc.constant([]) },
  { weight: 8, arbitrary: fc.array(slip, { minLength: 1, maxLength: 1 }) },
  { weight: 2, arbitrary: fc.array(slip, { minLength: 2, maxLength: 3 }) },
);

/** Often yes: what is mostly so, and must be otherwise at times. */
const mostly = fc.constantFrom(true, true, true, true, true, true, true, false);

/** A call without ids and names: `writeCall` makes it one of a tree. */
export const drafts = fc.record({
  isTrusted: fc.constantFrom(false, false, false, true),
  parent: fc.nat(999),
  /** Whether only a parent is taken that may have customers. */
  isApt: mostly,
  /** Whether only tariffs, groups and agents are named that are the parent's own. */
  isOwn: mostly,
  /** Whether nothing is asked for that the parent lacks. */
  isModest: mostly,
  spelling: fc.constantFrom('native', 'native', 'text', 'digits'),
  nameForm,
  loginForm,
  withApi: fc.constantFrom(true, false, false),
  withAlias: fc.constantFrom(true, false, false),
  policy: fc.constantFrom('none', 'none', 'default', 'long'),
  tariff: fc.nat(999),
  group: fc.option(fc.nat(999), { freq: 1 }),
  agent: fc.option(fc.nat(999), { freq: 1 }),
  asks,
  others,
  slips: mistakes,
});

export type Draft = typeof drafts extends fc.Arbitrary<infer Value> ? Value : never;
