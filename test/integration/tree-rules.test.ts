import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OpenJob } from '../../queue/consume.ts';
import type { Outcome } from '../../schemas/jobs.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { everyRight, insertParent } from '../services/tree.ts';
import { createTestWorker, fault, idOf, jobOf } from '../services/worker.ts';

type Members = Readonly<Record<string, unknown>>;

let database: TestDatabase;
let createCustomer: (job: OpenJob) => Promise<Outcome>;

beforeAll(async () => {
  database = await createTestDatabase();
  createCustomer = createTestWorker(database.db);
});

afterAll(() => database.drop());

let logins = 0;

/** Makes a parent with every right but these, and has it create a customer. */
async function createBelow(lacks: Members, params: Members, mode: 'customer' | 'trusted'): Promise<Outcome> {
  const { i_customer, i_tariff } = await insertParent(database.db, lacks);
  const caller = mode === 'customer' ? { mode, i_customer, address: '::1' } : { mode, address: '::1' };
  logins += 1;
  return createCustomer(
    jobOf({ i_tariff, web_login: `login-${logins}`, ...params }, { i_wholesaler: i_customer, caller }),
  );
}

async function membersOf(outcome: Outcome, names: readonly string[]): Promise<Members> {
  return database
    .db('customers')
    .where({ i_customer: idOf(outcome) })
    .first(...names);
}

const masks = ['accounts_mgmt', 'customers_mgmt', 'tariffs_mgmt', 'vouchers_mgmt', 'system_mgmt'];
const features = Object.keys(everyRight).filter((name) => everyRight[name as keyof typeof everyRight] === true);

interface Rule {
  readonly as: string;
  /** What the parent lacks, beside having everything else. */
  readonly lacks: Members;
  readonly asks: Members;
  /** The most that may be asked for all the same; absent where nothing may. */
  readonly allowed?: Members;
  readonly says: readonly string[];
}

/** Rights that bind customers alone. */
const rights: readonly Rule[] = [
  {
    as: 'add customers',
    lacks: { customers_mgmt: 6 },
    asks: {},
    says: ['the parent may not add customers, its customers_mgmt lacks 1'],
  },
  ...masks.flatMap((mask) =>
    [2, 4].map((bit) => ({
      as: `grant bit ${bit} of ${mask}`,
      lacks: { [mask]: 7 - bit },
      asks: { [mask]: 7 },
      allowed: { [mask]: 7 - bit },
      says: [`${mask} grants a right that the parent lacks`],
    })),
  ),
  ...features.map((feature) => ({
    as: `grant ${feature}`,
    lacks: { [feature]: false },
    asks: { [feature]: true },
    allowed: { [feature]: false },
    says: [`${feature} is a feature that the parent lacks`],
  })),
  {
    as: 'grant use_own_tariff',
    lacks: { use_own_tariff: 0 },
    asks: { use_own_tariff: 1 },
    allowed: { use_own_tariff: 0 },
    says: ['use_own_tariff is a right that the parent lacks'],
  },
  {
    as: 'assign its own tariff',
    lacks: { use_own_tariff: 0 },
    asks: { i_tariff: null },
    allowed: {},
    says: ['i_tariff may be nil only where the parent has use_own_tariff'],
  },
  {
    as: 'grant API access',
    lacks: { api_mgmt: 0 },
    asks: { api_access: 1, api_password: 'telephone-1' },
    allowed: { api_access: 0 },
    says: ['api_access', 'api_password'].map((member) => `${member} needs api_mgmt, which the parent lacks`),
  },
  {
    as: 'grant api_mgmt',
    lacks: { api_mgmt: 0 },
    asks: { api_mgmt: 1 },
    allowed: { api_mgmt: 0 },
    says: ['api_mgmt is a right that the parent lacks'],
  },
  {
    as: 'set an API password',
    lacks: { api_mgmt: 0 },
    asks: { api_password: 'telephone-1' },
    allowed: { api_access: 0, api_password: '' },
    says: ['api_password needs api_mgmt, which the parent lacks'],
  },
];

/** The depth of the tree binds everybody. */
const depths: readonly Rule[] = [
  {
    as: 'have customers at all',
    lacks: { max_depth: 0 },
    asks: {},
    says: ['the parent can have no customers, its max_depth is 0'],
  },
  ...[1, 5].map((depth) => ({
    as: `grant depth ${depth} from depth ${depth}`,
    lacks: { max_depth: depth },
    asks: { max_depth: depth },
    allowed: { max_depth: depth - 1 },
    says: ['max_depth must be less than that of the parent'],
  })),
];

const denied = (says: readonly string[]) => fault(403, ...says.map((why) => `Permission denied: ${why}`));

describe.each(rights)('A customer that may not $as', ({ lacks, asks, says }) => {
  test('When it does, then the fault is 403 and names what is missing', async () => {
    expect(await createBelow(lacks, asks, 'customer')).toEqual(denied(says));
  });

  test('When it may by now, then the customer has what was asked for', async () => {
    const { api_password: _, ...shown } = asks;
    const stored = await membersOf(await createBelow({}, asks, 'customer'), ['i_customer', ...Object.keys(shown)]);
    expect(stored).toMatchObject(shown);
  });

  test('When a trusted host does it in its name, then no right is asked for', async () => {
    expect(await createBelow(lacks, asks, 'trusted')).toMatchObject({ ok: true });
  });
});

describe.each(depths)('A customer that may not $as', ({ lacks, asks, says }) => {
  test.each(['customer', 'trusted'] as const)(
    'When it is done all the same, in mode %s, then the fault is 403',
    async (mode) => {
      expect(await createBelow(lacks, asks, mode)).toEqual(denied(says));
    },
  );
});

describe('the most that may be granted', () => {
  const limits = (rules: readonly Rule[]) =>
    rules.flatMap(({ as, lacks, allowed }) => (allowed ? [{ as, lacks, allowed }] : []));

  test.each(limits(rights))(
    'When a customer may not $as and asks for what it has, then it gets that',
    async (limit) => {
      expect(await createBelow(limit.lacks, limit.allowed, 'customer')).toMatchObject({ ok: true });
    },
  );

  test.each(limits(depths))('When nobody may $as and one less is asked for, then that is granted', async (limit) => {
    for (const mode of ['customer', 'trusted'] as const) {
      const outcome = await createBelow(limit.lacks, limit.allowed, mode);
      expect(await membersOf(outcome, ['max_depth'])).toEqual(limit.allowed);
    }
  });
});

describe('several refusals', () => {
  test('When form, rights, references, password and name are wrong, then one fault names all, in their order', async () => {
    idOf(await createBelow({}, { name: 'Taken' }, 'trusted'));
    const asks = {
      name: 'Taken',
      web_password: 'short',
      callshop_enabled: true,
      tariffs_mgmt: 8,
      i_tariff: 999_999,
      i_lang: 'xx',
      max_depth: 3,
      colour: 'red',
    };
    expect(await createBelow({ callshop_enabled: false, max_depth: 3 }, asks, 'customer')).toEqual(
      fault(
        400,
        'Unknown parameter colour',
        'Wrong value of tariffs_mgmt: must be at least 0 and at most 7',
        'Wrong value of web_password: must have 8 or more characters',
        'Wrong value of web_password: must contain a digit',
        'Permission denied: max_depth must be less than that of the parent',
        'Permission denied: callshop_enabled is a feature that the parent lacks',
        'Wrong i_tariff',
        'Wrong i_lang',
        'name is already in use',
      ),
    );
  });

  test('When nothing may be granted, then every right that was asked for is named', async () => {
    const none = Object.fromEntries(features.map((feature) => [feature, false]));
    const all = Object.fromEntries(features.map((feature) => [feature, true]));
    const outcome = await createBelow(none, all, 'customer');
    expect(outcome).toEqual(denied(features.map((feature) => `${feature} is a feature that the parent lacks`)));
  });

  test('When the parent does not exist, then its rights are not spoken of', async () => {
    const caller = { mode: 'customer', i_customer: 1, address: '::1' } as const;
    const outcome = await createCustomer(jobOf({ i_tariff: null }, { i_wholesaler: 999_999, caller }));
    expect(outcome).toEqual(fault(401, 'Wrong i_wholesaler'));
  });

  test('When it is a dry run, then the same is refused, and nothing is kept of what is accepted', async () => {
    const { i_customer } = await insertParent(database.db, { use_own_tariff: 0 });
    const job = {
      i_wholesaler: i_customer,
      caller: { mode: 'customer', i_customer, address: '::1' },
      dry_run: true,
    } as const;
    const refusal = denied(['i_tariff may be nil only where the parent has use_own_tariff']);
    expect(await createCustomer(jobOf({ i_tariff: null }, job))).toEqual(refusal);
    await database.db('customers').where({ i_customer }).update({ use_own_tariff: 1 });
    expect(await createCustomer(jobOf({ i_tariff: null }, job))).toEqual({ ok: true, dry_run: true });
    expect(await database.db('customers').where({ i_wholesaler: i_customer })).toEqual([]);
  });
});
