import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAdmin, jsonLines } from '../services/admin.ts';
import { createCustomer, createdId } from '../services/calls.ts';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../services/database.ts';
import { runToEnd, type Service, serviceSettings, startService } from '../services/service.ts';

let database: TestDatabase;
let service: Service;
let admin: ReturnType<typeof createAdmin>;

beforeAll(async () => {
  database = await createTestDatabase();
  service = await startService(serviceSettings(database.url));
  admin = createAdmin(database.url);
});

afterAll(async () => {
  expect(await service.stop()).toBe(0);
  await database.drop();
});

async function refusal(...args: readonly string[]): Promise<string> {
  const { code, output } = await admin(...args);
  expect(code).toBe(1);
  return output;
}

describe('Tariffs and routing groups', () => {
  test('When they are added, then a call over XML-RPC can refer to them, and from then on they stay', async () => {
    expect(await admin('tariff', 'add', '--owner', 'root', '--name', 'Gold', '--currency', 'EUR')).toEqual({
      code: 0,
      output: 'Added tariff 2 "Gold", currency EUR, owned by customer 1 "root".\n',
    });
    expect(await admin('routing-group', 'add', '--owner', '1', '--name', 'Europe')).toEqual({
      code: 0,
      output: 'Added routing group 2 "Europe", owned by customer 1 "root".\n',
    });
    const members = { name: 'On gold', web_password: 'correct7horse', i_tariff: 2, i_routing_group: 2 };
    const id = createdId(await createCustomer(service.url, members));
    expect(await database.db('customers').where({ i_customer: id }).first('payment_currency')).toEqual({
      payment_currency: 'EUR',
    });
    expect(await refusal('tariff', 'remove', '2')).toBe('The tariff 2 "Gold" is used by 1 customer, so it stays.\n');
    createdId(await createCustomer(service.url, { ...members, name: 'On gold too' }));
    const stays = 'The routing group 2 "Europe" is used by 2 customers, so it stays.\n';
    expect(await refusal('routing-group', 'remove', '2')).toBe(stays);
  });

  test('When they are listed, then each is a line of a table or of JSON, for all owners or one', async () => {
    const more = await admin('tariff', 'add', '--owner', 'On gold', '--name', 'Sub', '--currency', 'USD', '--json');
    const sub = { i_tariff: 3, i_customer: 2, owner: 'On gold', name: 'Sub', currency: 'USD' };
    expect(jsonLines(more)).toEqual([sub]);
    const [table, json, ofOne, groups, noGroups] = await Promise.all([
      admin('tariff', 'list'),
      admin('tariff', 'list', '--json'),
      admin('tariff', 'list', '--json', '--owner', 'On gold'),
      admin('routing-group', 'list', '--json', '--owner', 'root'),
      admin('routing-group', 'list', '--owner', '2'),
    ]);
    expect(table.output.split('\n')).toEqual([
      'i_tariff  owner      name     currency',
      '       1  1 root     Default  USD',
      '       2  1 root     Gold     EUR',
      '       3  2 On gold  Sub      USD',
      '',
    ]);
    expect(jsonLines(json).at(-1)).toEqual(sub);
    expect(jsonLines(ofOne)).toEqual([sub]);
    expect(jsonLines(groups)[1]).toEqual({ i_routing_group: 2, i_customer: 1, owner: 'root', name: 'Europe' });
    expect(noGroups).toEqual({ code: 0, output: 'No routing group is owned by customer 2 "On gold".\n' });
    const removed = await Promise.all([admin('tariff', 'remove', '3'), admin('tariff', 'remove', '99')]);
    expect(removed).toEqual([
      { code: 0, output: 'Removed tariff 3 "Sub".\n' },
      { code: 1, output: 'There is no tariff 99: see "createcustomer admin tariff list".\n' },
    ]);
  });

  test.concurrent.each([
    [['--owner', '1', '--name', 'Gold', '--currency', 'USD'], /^This owner has a tariff of that name already: /],
    [['--owner', '1', '--name', 'New', '--currency', 'usd'], /^There is no such currency: give an ISO 4217 code /],
    [
      ['--owner', '99', '--name', 'New', '--currency', 'USD'],
      /^There is no customer with the id, name or login "99": /,
    ],
    [
      ['--owner', '1', '--name', ' New', '--currency', 'USD'],
      /^The name must not contain control characters or begin /,
    ],
    [['--owner', '1', '--name', '', '--currency', 'USD'], /^The name must have 1 to 128 characters\.$/m],
    [['--owner', '1', '--name', 'New'], /^error: required option '--currency <code>' not specified$/m],
  ])('When a tariff is added with %s, then a sentence says what to change', async (args, says) => {
    expect(await refusal('tariff', 'add', ...args)).toMatch(says);
  });

  test('When an id is none, then that is said', async () => {
    expect(await refusal('routing-group', 'remove', 'x')).toBe(
      'The id must be a whole number from 1 to 2147483647, not "x".\n',
    );
  });
});

describe('A command', () => {
  test('When the database is not migrated, or there is none, then it says which command comes first', async () => {
    const empty = await createEmptyDatabase();
    const { code, output } = await createAdmin(empty.url)('tariff', 'list');
    expect(code).toBe(1);
    expect(output).toMatch(
      /^The database lacks \d+ migration\(s\), from 0001-\S+: run "createcustomer migrate" first\.\n$/,
    );
    await empty.drop();
    expect(await runToEnd(['admin', 'tariff', 'list'], {})).toEqual({
      code: 1,
      output:
        'There is no database in .data yet: run "createcustomer migrate" first, or set DATABASE_URL or DATA_DIR.\n',
    });
  });

  test('When PostgreSQL does not answer or refuses the user, then it says so', async () => {
    const away = await createAdmin('postgresql://127.0.0.1:1/none')('customer', 'list');
    expect(away).toEqual({ code: 1, output: 'PostgreSQL does not answer: start it, or correct DATABASE_URL.\n' });
    const nobody = await createAdmin(database.url.replace(/\/\/[^@]*@/, '//nobody:wrong@'))('customer', 'list');
    expect(nobody).toEqual({ code: 1, output: 'PostgreSQL refuses user or password: correct DATABASE_URL.\n' });
  });

  test('When the database is read-only, then it says so, and not in the words of the driver', async () => {
    const name = new URL(database.url).pathname.slice(1);
    await database.db.raw('ALTER DATABASE ?? SET default_transaction_read_only = on', [name]);
    const { code, output } = await admin('routing-group', 'add', '--owner', 'root', '--name', 'Late');
    await database.db.raw('ALTER DATABASE ?? RESET default_transaction_read_only', [name]);
    expect({ code, output }).toEqual({
      code: 1,
      output: 'The database is read-only: let DATABASE_URL name the primary server.\n',
    });
  });
});
