import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OpenJob } from '../../queue/consume.ts';
import type { Outcome } from '../../schemas/jobs.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { waitFor } from '../services/wait-for.ts';
import { createTestWorker, fault, idOf, jobOf } from '../services/worker.ts';

const weak = 'must have 8 or more characters';
const noRule = 'Wrong value of accounts_matching_rule: must be a valid regular expression for PostgreSQL';

let database: TestDatabase;
let createCustomer: (job: OpenJob) => Promise<Outcome>;

beforeAll(async () => {
  database = await createTestDatabase();
  createCustomer = createTestWorker(database.db);
});

afterAll(() => database.drop());

function create(params: OpenJob['params'], more: Partial<OpenJob> = {}): Promise<Outcome> {
  return createCustomer(jobOf(params, more));
}

describe('references', () => {
  test.each([
    ['i_tariff', 99],
    ['i_routing_group', 99],
    ['i_commission_agent', 99],
    ['i_commission_agent', 1],
    ['payment_currency', 'ABC'],
    ['i_password_policy', 99],
    ['i_time_zone', 11],
    ['i_lang', 'de'],
    ['i_export_type', 3],
    ['start_page', 2],
  ])('When %s is %s, which does not exist, then the fault is 401', async (member, value) => {
    expect(await create({ [member]: value })).toEqual(fault(401, `Wrong ${member}`));
  });

  test('When the parent or the caller does not exist, then the fault is 401', async () => {
    expect(await create({ i_tariff: null }, { i_wholesaler: 99 })).toEqual(fault(401, 'Wrong i_wholesaler'));
    const caller = { mode: 'customer', i_customer: 99, address: '::1' } as const;
    expect(await create({}, { caller })).toEqual(fault(401, 'Wrong caller'));
  });

  test('When tariff, routing group and agent belong to another, then each is a fault 401', async () => {
    const { db } = database;
    const parent = idOf(await create({ max_depth: 5 }));
    const agent = idOf(await create({ i_tariff: null }, { i_wholesaler: parent }));
    await db('tariffs').insert({ i_tariff: 77, i_customer: parent, name: 'T', currency: 'EUR' });
    await db('routing_groups').insert({ i_routing_group: 77, i_customer: parent, name: 'R' });
    const references = { i_tariff: 77, i_routing_group: 77, i_commission_agent: agent };
    const all = fault(401, 'Wrong i_tariff', 'Wrong i_routing_group', 'Wrong i_commission_agent');
    expect(await create(references)).toEqual(all);
    idOf(await create(references, { i_wholesaler: parent }));
  });

  test('When the tariff is nil, then NULL is stored and the currency is that of the parent', async () => {
    const { db } = database;
    const parent = idOf(await create({ payment_currency: 'CHF', max_depth: 5 }));
    await db('tariffs').insert({ i_tariff: 78, i_customer: parent, name: 'T', currency: 'JPY' });
    async function stored(params: OpenJob['params']) {
      const i_customer = idOf(await create(params, { i_wholesaler: parent }));
      return db('customers').where({ i_customer }).first('i_tariff', 'payment_currency');
    }
    expect(await stored({ i_tariff: null })).toEqual({ i_tariff: null, payment_currency: 'CHF' });
    expect(await stored({ i_tariff: 78 })).toEqual({ i_tariff: 78, payment_currency: 'JPY' });
    expect(await stored({ i_tariff: 78, payment_currency: 'EUR' })).toEqual({ i_tariff: 78, payment_currency: 'EUR' });
  });
});

describe('several problems', () => {
  test('When name, login and alias are taken, then all three stand in one fault', async () => {
    const names = { name: 'Taken', web_login: 'taken', dns_alias: 'taken.example.org' };
    idOf(await create(names));
    const inUse = ['name', 'web_login', 'dns_alias'].map((member) => `${member} is already in use`);
    expect(await create({ ...names, dns_alias: 'TAKEN.example.ORG' })).toEqual(fault(409, ...inUse));
    const first = 'Wrong i_tariff';
    expect(await create({ ...names, i_tariff: 99, start_page: 2 })).toEqual(
      fault(401, first, 'Wrong start_page', ...inUse),
    );
  });

  test('When a password, a rule, a reference and a name are wrong, then 400 comes before 401 and 409', async () => {
    idOf(await create({ name: 'Taken twice' }));
    const wrong = { name: 'Taken twice', web_login: 'free', web_password: 'short1', accounts_matching_rule: '(' };
    const password = `Wrong value of web_password: ${weak}`;
    const others = ['Wrong i_tariff', 'Wrong i_lang', 'name is already in use'];
    const expected = fault(400, password, noRule, ...others);
    expect(await create({ ...wrong, i_tariff: 99, i_lang: 'de' })).toEqual(expected);
  });

  test('When the policy does not exist, then other wrong references are reported with it', async () => {
    const outcome = await create({ i_password_policy: 99, i_time_zone: 11 });
    expect(outcome).toEqual(fault(401, 'Wrong i_password_policy', 'Wrong i_time_zone'));
  });
});

/** Creates customers until one is refused. */
async function waitForFault(create: () => Promise<Outcome>): Promise<Outcome> {
  let outcome = await create();
  await waitFor(async () => {
    if (outcome.ok) outcome = await create();
    return !outcome.ok;
  });
  return outcome;
}

describe('password policies', () => {
  test('When both passwords break several rules, then each rule is reported for each', async () => {
    const api = { api_access: 1, web_login: 'abc', name: 'Abcdef' };
    const rules = [weak, 'must contain a digit', 'must not contain the name or the login'];
    const both = ['web_password', 'api_password'].flatMap((name) =>
      rules.map((rule) => `Wrong value of ${name}: ${rule}`),
    );
    expect(await create({ ...api, web_password: 'ABCdef', api_password: 'xAbCx' })).toEqual(fault(400, ...both));
    const digits = await create({ web_password: '12345678' });
    expect(digits).toEqual(fault(400, 'Wrong value of web_password: must contain a letter'));
  });

  test('When the row of a policy is changed, then the change holds within seconds', async () => {
    const { db } = database;
    await db('password_policies').insert({ i_password_policy: 7, name: 'Strict', min_length: 12 });
    const params = { i_password_policy: 7, web_password: 'twelve7chars' };
    idOf(await create(params));
    await db('password_policies').where({ i_password_policy: 7 }).update({ min_length: 13 });
    const outcome = await waitForFault(() => create(params));
    expect(outcome).toEqual(fault(400, 'Wrong value of web_password: must have 13 or more characters'));
  });

  test('When a policy asks for nothing, then any password is accepted', async () => {
    const none = { min_length: 1, needs_letter: false, needs_digit: false, forbids_name_and_login: false };
    await database.db('password_policies').insert({ i_password_policy: 8, name: 'None', ...none });
    idOf(await create({ i_password_policy: 8, name: 'x', web_password: 'x' }));
  });
});

describe('matching rules', () => {
  test.each(['(', '*', 'a{256}', '[[:alpha:]', '\\', '***:(a', '(?xyz)a'])(
    'When the rule is %s, which is no regular expression, then the fault is 400',
    async (rule) => {
      expect(await create({ accounts_matching_rule: rule })).toEqual(fault(400, noRule));
    },
  );

  test.each([
    '(((a{1,255}){1,255}){1,255})',
    '((.*)(.*)(.*)){255}',
    '(\\D*\\S*\\W*){255}',
    '(.{0,255}){100}',
    '((((a{0,50}){0,50}){0,20}))',
  ])('When the rule is %s, made to hold the database up, then the fault is 400 at once', async (rule) => {
    const deadline = Date.now() + 4000;
    const outcome = await create({ accounts_matching_rule: rule }, { deadline });
    expect(outcome).toMatchObject({ ok: false, fault: { code: 400 } });
    expect(outcome).toMatchObject({
      fault: { text: expect.stringMatching(/^Wrong value of accounts_matching_rule: /) },
    });
    expect(Date.now()).toBeLessThan(deadline);
  });

  test('When the rule is demanding but sound, then it is stored as it is', async () => {
    const rule = '^(?:49|43|41)(?=[0-9]{4,255})(a*)*[^\\s]{1,20}$';
    const i_customer = idOf(await create({ accounts_matching_rule: rule }));
    expect(await database.db('customers').where({ i_customer }).pluck('accounts_matching_rule')).toEqual([rule]);
  });
});

describe('text that PostgreSQL cannot store', () => {
  const members = [
    'name',
    'web_password',
    'web_login',
    'description',
    'css',
    'email',
    'mail_from',
    'phone',
    'dns_alias',
  ];
  const texts = ['nul\u0000@example.org', 'high\ud83d@example.org', 'low\ude00@example.org'];

  test.each(members)('When %s holds a NUL character or half a character, then the fault is 400', async (member) => {
    for (const text of texts) {
      const outcome = await create({
        [member]: text,
        web_password: 'correct7horse',
        ...(member === 'web_password' && { [member]: text }),
      });
      expect(outcome).toMatchObject({ ok: false, fault: { code: 400 } });
      expect(outcome).toMatchObject({ fault: { text: expect.stringMatching(`^Wrong value of ${member}: [ -~]+$`) } });
    }
  });

  test('When an unknown name holds a NUL character, then the fault is 400 and shows it harmlessly', async () => {
    expect(await create({ 'na\u0000me': 1 })).toEqual(fault(400, 'Unknown parameter na?me: did you mean name?'));
  });

  test('When text holds whole characters of every plane, then it is stored as it is', async () => {
    const description = 'ä \u{1f600} \ufffe \u{10ffff} \\u0000 \u2028';
    const i_customer = idOf(await create({ description }));
    expect(await database.db('customers').where({ i_customer }).pluck('description')).toEqual([description]);
  });
});
