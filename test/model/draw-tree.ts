import fc from 'fast-check';
import { type Customer, everyRight, features, forEachName, masks, type Rights, root, type Tree } from './tree.ts';

/** The API password of every customer that is planted with API access. */
const plantedPassword = 'telephone-1';

/** Ids are drawn from above those that the database gives out, so that a tree is known before it is planted. */
const firstId = 1_000_000;
const idsPerTree = 100;

const currencies = ['USD', 'EUR', 'JPY'] as const;
const mostDepth = 4;

/** Twice in three a right is there, or else hardly any call would be accepted. */
const mask = fc.oneof({ weight: 2, arbitrary: fc.constant(7) }, { weight: 1, arbitrary: fc.nat(7) });
const isGranted = fc.constantFrom(true, true, false);
const flag = isGranted.map(Number);

const rights: fc.Arbitrary<Rights> = fc.record({
  ...forEachName(masks, () => mask),
  ...forEachName(features, () => isGranted),
  use_own_tariff: flag,
  api_mgmt: flag,
  max_depth: fc.constantFrom(0, 1, 2, 2, 3, mostDepth),
});

const sketchOfCustomer = fc.record({
  /** Whose customer it is: one of those before it, root among them. */
  parent: fc.nat(99),
  /** Those that have every right are asked more than once, so that there are some of them in each tree. */
  rights: fc.oneof({ weight: 1, arbitrary: fc.constant(everyRight(mostDepth)) }, { weight: 3, arbitrary: rights }),
  api_access: fc.constantFrom(1, 1, 1, 0),
  payment_currency: fc.constantFrom(...currencies),
  hasAlias: fc.boolean(),
});

const sketchOfOwned = fc.record({ owner: fc.nat(99), currency: fc.constantFrom(...currencies) });

/** A tree without ids and names: who is whose, what each may do, and who owns tariffs and routing groups. */
export const sketches = fc.record({
  customers: fc.array(sketchOfCustomer, { minLength: 1, maxLength: 20, size: 'max' }),
  tariffs: fc.array(sketchOfOwned, { maxLength: 24, size: 'max' }),
  groups: fc.array(sketchOfOwned, { maxLength: 16, size: 'max' }),
});

type Sketch = typeof sketches extends fc.Arbitrary<infer Value> ? Value : never;

function settleCustomers({ customers }: Sketch, number: number): readonly Customer[] {
  const settled: Customer[] = [root];
  for (const [index, { parent, rights, api_access, payment_currency, hasAlias }] of customers.entries()) {
    settled.push({
      ...root,
      ...rights,
      i_customer: firstId + number * idsPerTree + index,
      i_wholesaler: settled[parent % settled.length]?.i_customer ?? root.i_customer,
      name: `T${number} planted ${index}`,
      web_login: api_access === 1 || index % 2 === 0 ? `T${number}-login-${index}` : null,
      dns_alias: hasAlias ? `T${number}-${index}.example.org` : null,
      payment_currency,
      api_access,
    });
  }
  return settled;
}

/** Gives a tree the ids and names of its number, so that trees do not meet in a database. */
export function settle(sketch: Sketch, number: number): Tree {
  const customers = settleCustomers(sketch, number);
  const own = ({ owner, currency }: Sketch['tariffs'][number], index: number) => ({
    id: firstId + number * idsPerTree + index,
    owner: customers[owner % customers.length]?.i_customer ?? root.i_customer,
    currency,
  });
  const withApi = customers.filter(({ api_access, i_customer }) => api_access === 1 && i_customer !== root.i_customer);
  return {
    customers,
    tariffs: sketch.tariffs.map(own),
    groups: sketch.groups.map(own),
    passwords: Object.fromEntries(withApi.map(({ i_customer }) => [i_customer, plantedPassword])),
  };
}
