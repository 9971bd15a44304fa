import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { violation } from '../../db/violations.ts';
import { faults } from '../../schemas/faults.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';

type Columns = Readonly<Record<string, unknown>>;

const uniqueViolation = '23505';
const foreignKeyViolation = '23503';
const checkViolation = '23514';
const notNullViolation = '23502';

let database: TestDatabase;
let others: { readonly parent: number; readonly tariff: number; readonly routingGroup: number; readonly child: number };
let customers = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  const { db } = database;
  const parent = await insert({ name: 'Other parent' });
  const [tariff] = await db('tariffs').insert({ i_customer: parent, name: 'T', currency: 'EUR' }).returning('i_tariff');
  const [group] = await db('routing_groups').insert({ i_customer: parent, name: 'R' }).returning('i_routing_group');
  const child = await insert({ name: 'Child of the other', i_wholesaler: parent });
  others = { parent, tariff: tariff.i_tariff, routingGroup: group.i_routing_group, child };
});

afterAll(() => database.drop());

/** Inserts a customer with SQL alone, past all code that checks, and returns its id. */
async function insert(columns: Columns): Promise<number> {
  customers += 1;
  const needed = { i_wholesaler: 1, name: `Customer ${customers}`, payment_currency: 'USD', web_password_hash: 'hash' };
  const [row] = await database
    .db('customers')
    .insert({ ...needed, ...columns })
    .returning('i_customer');
  return row.i_customer;
}

function refusalOf(attempt: Promise<unknown>) {
  return attempt.then(
    () => {
      throw new Error('The database accepted it');
    },
    (error: { readonly code: string; readonly constraint?: string }) => error,
  );
}

/** Expects the database to refuse a customer, and our reading of its error to name the member. */
async function expectProblem(columns: Columns, code: string, problem: object): Promise<void> {
  const error = await refusalOf(insert(columns));
  expect(error).toMatchObject({ code });
  expect(violation(error)).toEqual({ kind: 'problem', problem });
}

describe('owners', () => {
  test.each(['i_tariff', 'i_routing_group', 'i_commission_agent', 'i_wholesaler'])(
    'When %s does not exist, then the customer is refused',
    async (member) => {
      await expectProblem({ [member]: 999_999 }, foreignKeyViolation, faults.wrongReference(member));
    },
  );

  test('When the tariff has another owner than the parent, then the customer is refused', async () => {
    await expectProblem({ i_tariff: others.tariff }, foreignKeyViolation, faults.wrongReference('i_tariff'));
    await insert({ i_tariff: others.tariff, i_wholesaler: others.parent });
  });

  test('When the routing group has another owner than the parent, then the customer is refused', async () => {
    const columns = { i_routing_group: others.routingGroup };
    await expectProblem(columns, foreignKeyViolation, faults.wrongReference('i_routing_group'));
    await insert({ ...columns, i_wholesaler: others.parent });
  });

  test('When the commission agent has another parent, then the customer is refused', async () => {
    const problem = faults.wrongReference('i_commission_agent');
    await expectProblem({ i_commission_agent: others.child }, foreignKeyViolation, problem);
    await expectProblem({ i_commission_agent: 1 }, foreignKeyViolation, problem);
    await insert({ i_commission_agent: others.parent });
  });

  test('When a tariff or routing group in use is given to another or deleted, then that is refused', async () => {
    const { db } = database;
    await insert({ i_tariff: 1, i_routing_group: 1 });
    const { parent } = others;
    const attempts = [
      db('tariffs').where({ i_tariff: 1 }).update({ i_customer: parent, name: 'Moved' }),
      db('tariffs').where({ i_tariff: 1 }).delete(),
      db('routing_groups').where({ i_routing_group: 1 }).update({ i_customer: parent, name: 'Moved' }),
      db('routing_groups').where({ i_routing_group: 1 }).delete(),
    ];
    for (const attempt of attempts) expect(await refusalOf(attempt)).toMatchObject({ code: foreignKeyViolation });
  });
});

describe('dictionaries', () => {
  test.each([
    ['payment_currency', 'XXX'],
    ['payment_currency', 'usd'],
    ['i_password_policy', 2],
    ['i_time_zone', 11],
    ['i_lang', 'de'],
    ['i_export_type', 3],
    ['start_page', 2],
  ])('When %s is %s, which is not in its table, then the customer is refused', async (member, value) => {
    await expectProblem({ [member]: value }, foreignKeyViolation, faults.wrongReference(member));
  });
});

describe('uniqueness', () => {
  beforeAll(async () => {
    await insert({ name: 'Taken', web_login: 'taken', dns_alias: 'taken.example.org' });
  });

  test.each([
    ['name', 'Taken'],
    ['web_login', 'taken'],
    ['dns_alias', 'taken.example.org'],
    ['dns_alias', 'TAKEN.Example.ORG'],
  ])('When %s is %s, which another has, then the customer is refused, under any parent', async (member, value) => {
    const problem = faults.inUse(member);
    await expectProblem({ [member]: value }, uniqueViolation, problem);
    await expectProblem({ [member]: value, i_wholesaler: others.parent }, uniqueViolation, problem);
  });

  test('When customers have no login and no alias, then they do not collide', async () => {
    await insert({ web_login: null, dns_alias: null });
    await insert({ web_login: null, dns_alias: null });
  });
});

describe('ranges', () => {
  const money = [-1e12, 1e12, 'NaN', 'Infinity', '-Infinity'];
  const rates = [-1, 'NaN', 'Infinity'];
  const rights = [-1, 8];
  const flags = [-1, 2];
  const wrong: Readonly<Record<string, readonly unknown[]>> = {
    name: [''],
    web_login: ['', 'a:b'],
    dns_alias: [''],
    balance: money,
    credit_limit: [...money, -0.01],
    min_payment_amount: rates,
    overcommit_limit: rates,
    max_calls_per_second: rates,
    max_sessions: [-1],
    commission_size: [-100.1, 100.1, 'NaN', 'Infinity'],
    accounts_mgmt: rights,
    customers_mgmt: rights,
    tariffs_mgmt: rights,
    vouchers_mgmt: rights,
    system_mgmt: rights,
    api_access: flags,
    api_mgmt: flags,
    use_own_tariff: flags,
    payment_method: [0, 32_768],
    max_depth: [-1, 33],
  };
  const cases = Object.entries(wrong).flatMap(([member, values]) => values.map((value) => [member, value] as const));

  test.each(cases)('When %s is "%s", then the customer is refused', async (member, value) => {
    await expectProblem({ [member]: value }, checkViolation, faults.wrongValue(member, 'is out of range'));
  });

  test('When every value is the largest or smallest that is allowed, then the customer is accepted', async () => {
    const ends = { balance: -999_999_999_999.99, credit_limit: 999_999_999_999.99, max_sessions: 2_147_483_647 };
    await insert({ ...ends, commission_size: -100, max_depth: 32, payment_method: 32_767, accounts_mgmt: 7 });
    await insert({ balance: 0, credit_limit: 0, max_sessions: 0, commission_size: 100, max_calls_per_second: 0 });
  });

  test('When the matching rule is no regular expression, then the customer is refused', async () => {
    const error = await refusalOf(insert({ accounts_matching_rule: '(' }));
    const why = 'must be a valid regular expression for PostgreSQL';
    expect(violation(error)).toEqual({ kind: 'problem', problem: faults.wrongValue('accounts_matching_rule', why) });
    await insert({ accounts_matching_rule: '^49[0-9]+$' });
  });
});

describe('what no call can ask for', () => {
  /** A fault of the program: it is no problem of the call, and is not told to the client. */
  async function expectUnforeseen(attempt: Promise<unknown>, code: string, constraint: string): Promise<void> {
    const error = await refusalOf(attempt);
    expect(error).toMatchObject({ code });
    expect(`${error.constraint}`).toContain(constraint);
    expect(violation(error)).toEqual({ kind: 'unforeseen' });
  }

  test('When there would be a second root, then it is refused', async () => {
    await expectUnforeseen(insert({ i_wholesaler: null }), checkViolation, 'customers_check');
  });

  test('When a customer that is not the root has no password, then it is refused', async () => {
    await expectUnforeseen(insert({ web_password_hash: null }), checkViolation, 'customers_check');
  });

  test.each([
    ['neither login nor hash', {}],
    ['no hash', { web_login: 'no-hash' }],
    ['no login', { api_ha1: 'sealed' }],
  ])('When a customer with API access has %s, then it is refused', async (_, columns) => {
    const constraint = 'customers_api_needs_credentials';
    await expectUnforeseen(insert({ api_access: 1, ...columns }), checkViolation, constraint);
  });

  test('When a key is used twice by one parent, then the second is refused; another parent may use it', async () => {
    const row = { key: 'key-1', i_customer: 1, params_hash: 'hash' };
    const keys = database.db('idempotency_keys');
    await keys.clone().insert({ ...row, i_wholesaler: 1 });
    await keys.clone().insert({ ...row, i_wholesaler: others.parent });
    await expectUnforeseen(keys.clone().insert({ ...row, i_wholesaler: 1 }), uniqueViolation, 'idempotency_keys_pkey');
  });

  test.each(['', 'white space', 'ümlaut', 'k'.repeat(256)])('When a key is "%s", then it is refused', async (key) => {
    const insertKey = database.db('idempotency_keys').insert({ i_wholesaler: 1, key, i_customer: 1, params_hash: 'h' });
    await expectUnforeseen(insertKey, checkViolation, 'idempotency_keys_key_check');
  });

  test('When an opening entry is 0 or the second of its customer, then it is refused', async () => {
    const entries = database.db('balance_entries');
    await entries.clone().insert({ i_customer: 1, amount: 1 });
    const second = entries.clone().insert({ i_customer: 1, amount: 1 });
    await expectUnforeseen(second, uniqueViolation, 'balance_entries_one_opening_key');
    const none = entries.clone().insert({ i_customer: others.child, amount: 0 });
    await expectUnforeseen(none, checkViolation, 'balance_entries_amount_check');
  });

  test('When an audit row in mode customer names no caller, then it is refused', async () => {
    const row = { i_customer: 1, mode: 'customer', address: '::1', request_id: 'r', params: '{}' };
    await expectUnforeseen(database.db('audit_log').insert(row), checkViolation, 'audit_log_check');
    const error = await refusalOf(database.db('audit_log').insert({ ...row, i_caller: 999_999 }));
    expect(violation(error)).toEqual({ kind: 'problem', problem: faults.wrongReference('caller') });
  });

  test('When a currency, a name or a default is missing, then it is refused', async () => {
    for (const column of ['name', 'payment_currency', 'balance', 'i_time_zone', 'callshop_enabled']) {
      await expectUnforeseen(insert({ [column]: null }), notNullViolation, '');
    }
  });
});
