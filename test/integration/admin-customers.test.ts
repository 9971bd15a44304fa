import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAdmin, jsonLines } from '../services/admin.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { createTestWorker, idOf, jobOf } from '../services/worker.ts';

let database: TestDatabase;
let admin: ReturnType<typeof createAdmin>;
let reseller: number;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = createAdmin(database.url);
  const create = createTestWorker(database.db);
  const parent = { name: 'Reseller', web_login: 'reseller', max_depth: 2, customers_mgmt: 1, state: 'Bayern\u009b' };
  reseller = idOf(await create(jobOf(parent)));
  idOf(await create(jobOf({ name: 'Leaf', i_tariff: null }, { i_wholesaler: reseller })));
});

afterAll(() => database.drop());

describe('Customers', () => {
  test('When one is shown, then with every member and its place in the tree, and without a secret', async () => {
    const [json, byName, byLogin] = await Promise.all([
      admin('customer', 'show', String(reseller), '--json'),
      admin('customer', 'show', 'Reseller'),
      admin('customer', 'show', 'root'),
    ]);
    const [shown = {}] = jsonLines(json);
    expect(shown).toMatchObject({
      ...{ i_customer: reseller, name: 'Reseller', balance: '0', max_depth: 2, has_web_password: true },
      ...{ has_api_password: false, children: 1 },
      tree: [
        { i_customer: 1, name: 'root', web_login: 'root', max_depth: 32, customers_mgmt: 7 },
        { i_customer: reseller, name: 'Reseller', web_login: 'reseller', max_depth: 2, customers_mgmt: 1 },
      ],
    });
    const columns = Object.keys(await database.db('customers').columnInfo());
    const hidden = columns.filter((column) => !(column in shown));
    expect(hidden).toEqual(['web_password_hash', 'api_ha1']);
    expect(`${json.output}${byName.output}${byLogin.output}`).not.toMatch(/argon2|password_hash|api_ha1/);
    expect(byName.output).toContain(
      `tree\n  1 "root" (login root, max_depth 32, customers_mgmt 7)\n  > ${reseller} "Reseller" (login reseller, max_depth 2, customers_mgmt 1)\nchildren  1\nmembers\n`,
    );
    expect(byName.output).toMatch(/^ {2}state +Bayern $/m);
    expect(byLogin.output).toMatch(/^ {2}has_api_password +yes$/m);
  });

  test('When they are listed, then all, those of a parent, or the first ones', async () => {
    const [table, json, first, none] = await Promise.all([
      admin('customer', 'list'),
      admin('customer', 'list', '--parent', 'Reseller', '--json'),
      admin('customer', 'list', '--limit', '2', '--json'),
      admin('customer', 'list', '--parent', 'Leaf'),
    ]);
    expect(table.output).toMatch(
      /^i_customer +i_wholesaler +name +web_login +max_depth +api_access +created_at\n +1 +- +root /,
    );
    expect(table.output.trim().split('\n')).toHaveLength(4);
    expect(jsonLines(json)).toMatchObject([{ name: 'Leaf', i_wholesaler: reseller }]);
    expect(jsonLines(first)).toMatchObject([{ i_customer: 1 }, { i_customer: reseller }]);
    expect(none).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^The customer \d+ "Leaf" has no sub-customers\.\n$/),
    });
  });

  test('When there is no such customer, or the limit is none, then that is said', async () => {
    const output =
      'There is no customer with the id, name or login "nobody": see "createcustomer admin customer list".\n';
    expect(await admin('customer', 'show', 'nobody')).toEqual({ code: 1, output });
    expect(await admin('customer', 'list', '--parent', 'nobody')).toEqual({ code: 1, output });
    expect(await admin('customer', 'list', '--limit', '-1')).toMatchObject({ code: 1 });
  });

  test('When a name looks like a number, then an id of that number comes first, and a zero in front makes a name', async () => {
    const create = createTestWorker(database.db);
    const ids = [];
    for (const name of ['1', '01', '777777', '99999999999'])
      ids.push(idOf(await create(jobOf({ name, web_login: `login ${name}` }))));
    const show = async (text: string) => jsonLines(await admin('customer', 'show', text, '--json'))[0]?.i_customer;
    expect(await show('1')).toBe(1);
    expect([await show('01'), await show('777777'), await show('99999999999')]).toEqual(ids.slice(1));
    expect(await show('login 1')).toBe(ids[0]);
  });
});
