import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCustomers, type NewCustomerCall } from '../../db/customers.ts';
import { fromJson } from '../../schemas/convert.ts';
import { createParameterCheck } from '../../schemas/validate.ts';
import { allMembers } from '../services/all-members.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';

let database: TestDatabase;
let agent: number;
let n = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  const row = { i_wholesaler: 1, name: 'Agent', payment_currency: 'USD', web_password_hash: 'none' };
  [{ i_customer: agent }] = await database.db('customers').insert(row).returning('i_customer');
});

afterAll(() => database.drop());

const mandatory = { web_password: 'correct7horse', i_tariff: 1 };

/** A call as it is inserted, with a key; `more` may be what no check would let through. */
function callOf(
  key: string,
  given: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): NewCustomerCall {
  const members = Object.entries({ ...mandatory, name: key, ...given }).map(
    ([member, value]) => [member, fromJson(value)] as const,
  );
  const checked = createParameterCheck()(new Map(members));
  if (!checked.ok) throw new Error(`wrong: ${JSON.stringify(checked.problems)}`);
  const { web_password: _, api_password: __, i_wholesaler: ___, ...plain } = checked.params;
  const caller = {
    mode: 'customer',
    i_caller: 1,
    address: '192.0.2.1',
    requestId: `request ${key}`,
    deadline: null,
  } as const;
  const creation = { i_wholesaler: 1, key, paramsHash: `hash ${key}`, ...caller };
  return { customer: { members: { ...plain, ...more }, web_password_hash: 'hashed', api_ha1: 'sealed' }, creation };
}

/** Everything that a call left, with `NAME` in the place of its name and of its id. */
async function leftBy(key: string): Promise<string> {
  const { db } = database;
  const [{ i_customer }] = await db('idempotency_keys').where({ key }).select('i_customer');
  const [{ i_customer: _, created_at: __, ...customer }] = await db('customers').where({ i_customer });
  const rows = {
    customer,
    entries: await db('balance_entries').where({ i_customer }).select('amount'),
    audit: await db('audit_log').where({ i_customer }).select('mode', 'i_caller', 'address', 'request_id', 'params'),
    keys: await db('idempotency_keys').where({ i_customer }).select('i_wholesaler', 'key', 'params_hash'),
  };
  return JSON.stringify(rows, undefined, 2).replaceAll(new RegExp(key, 'gi'), 'NAME');
}

describe('A call that comes alone has a statement of its own', () => {
  const calls: readonly (readonly [string, (name: string) => NewCustomerCall])[] = [
    ['all members', (name) => callOf(name, allMembers(name, agent))],
    ['the mandatory members', (name) => callOf(name, {})],
    ['no tariff', (name) => callOf(name, { i_tariff: null })],
    [
      'small, large and long numbers',
      (name) =>
        callOf(name, {
          balance: -1e-7,
          credit_limit: 999_999_999_999.5,
          commission_size: 1e-300,
          max_calls_per_second: 1e300,
          min_payment_amount: 0.1,
        }),
    ],
    [
      'texts that look like something else',
      (name) =>
        callOf(name, {
          company_name: 'NULL',
          salutation: '{}',
          first_name: '\\N',
          last_name: '$1',
          city: '😀',
          css: 'a\n"b"\\',
        }),
    ],
  ];

  test.each(calls)('When it has %s, then it leaves what it leaves among others', async (_, make) => {
    n += 1;
    const [before, among, other] = [`${n}-alone`, `${n}-among`, `${n}-other`];
    const [alone] = await createCustomers(database.db, [make(before)]);
    const together = await createCustomers(database.db, [make(among), callOf(other, {})]);
    expect([alone, ...together]).toMatchObject([{ replayed: false }, { replayed: false }, { replayed: false }]);
    expect(await leftBy(before)).toBe(await leftBy(among));
  });

  test.each([
    ['half a character', { company_name: 'a\uD83Db' }],
    ['a character that PostgreSQL has not', { company_name: 'a\u0000b' }],
    ['a text that is too long', { mid_init: 'x'.repeat(17) }],
    ['a number that is too large', { max_sessions: 2 ** 31 }],
    ['a currency that is not there', { payment_currency: 'XXX' }],
  ])('When it has %s, then it fails as it fails among others, and leaves nothing', async (_, more) => {
    const bad = callOf('bad', {}, more);
    const failed = (calls: readonly NewCustomerCall[]) =>
      createCustomers(database.db, calls).then(
        () => 'created',
        ({ code }) => code,
      );
    const code = await failed([bad]);
    expect(code).toBe(await failed([bad, callOf('neighbour', {})]));
    expect(await database.db('customers').whereIn('name', ['bad', 'neighbour'])).toEqual([]);
    expect(code).toMatch(/^2[23]/);
  });

  test('When its key was used before, its deadline has passed or its parent forbids it, then it is told so', async () => {
    const { db } = database;
    const first = callOf('keyed', {});
    const [created] = await createCustomers(db, [first]);
    expect(await createCustomers(db, [first])).toEqual([{ ...created, replayed: true }]);
    const late = callOf('late', {});
    expect(await createCustomers(db, [{ ...late, creation: { ...late.creation, deadline: 1 } }])).toEqual([
      { late: true },
    ]);
    const stray = callOf('stray', {});
    const forbidden = await createCustomers(db, [{ ...stray, creation: { ...stray.creation, i_wholesaler: 999 } }]);
    expect(forbidden).toMatchObject([{ forbidden: [{ text: expect.stringContaining('i_wholesaler') }] }]);
  });
});
