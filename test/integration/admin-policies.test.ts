import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAdmin, jsonLines } from '../services/admin.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { createTestWorker, idOf, jobOf } from '../services/worker.ts';

let database: TestDatabase;
let admin: ReturnType<typeof createAdmin>;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = createAdmin(database.url);
});

afterAll(() => database.drop());

describe('Password policies', () => {
  test('When one is added, then new customers can have it', async () => {
    const options = ['--min-length', '14', '--needs-letter', 'no', '--needs-special', 'yes', '--forbidden', 'acme, Öl'];
    expect(await admin('password-policy', 'add', '--name', 'Strong', ...options)).toEqual({
      code: 0,
      output: 'Added password policy 2 "Strong".\n',
    });
    const create = createTestWorker(database.db);
    const refused = await create(jobOf({ i_password_policy: 2, web_password: 'correct7horse' }));
    expect(refused).toMatchObject({ ok: false, fault: { text: expect.stringContaining('14 or more characters') } });
    idOf(await create(jobOf({ i_password_policy: 2, web_password: 'correct-7-horses!' })));
  });

  test('When they are listed, then every field is there', async () => {
    const added = await admin('password-policy', 'add', '--name', 'Plain', '--json');
    expect(jsonLines(added)).toMatchObject([
      { i_password_policy: 3, name: 'Plain', min_length: 8, needs_letter: true },
    ]);
    const [json, table] = await Promise.all([
      admin('password-policy', 'list', '--json'),
      admin('password-policy', 'list'),
    ]);
    expect(jsonLines(json)[1]).toMatchObject({
      ...{ i_password_policy: 2, name: 'Strong', min_length: 14, needs_letter: false, needs_digit: true },
      ...{ needs_special: true, forbids_name_and_login: true, forbidden: ['acme', 'Öl'] },
    });
    const [headings, , strong] = table.output.split('\n');
    expect(headings).toMatch(/^i_password_policy +name +min_length +needs_letter +needs_digit +.*forbidden$/);
    expect(strong).toMatch(/^ +2 +Strong +14 +no +yes +.* +acme, Öl$/);
  });

  test('When one is changed, then only what is given changes', async () => {
    expect(await admin('password-policy', 'change', '3', '--name', 'Plainer', '--needs-digit', 'no')).toEqual({
      code: 0,
      output: 'Changed password policy 3 "Plainer".\n',
    });
    const changed = await admin('password-policy', 'change', '2', '--forbidden', '', '--json');
    expect(jsonLines(changed)).toMatchObject([{ name: 'Strong', min_length: 14, forbidden: [] }]);
    expect(await database.db('password_policies').where({ i_password_policy: 3 }).first()).toMatchObject({
      ...{ name: 'Plainer', min_length: 8, needs_letter: true, needs_digit: false },
    });
  });

  test.concurrent.each([
    [['add', '--name', 'Strong'], 'There is a password policy of that name already: choose another name.\n'],
    [['add'], "error: required option '--name <name>' not specified\nSee --help for what there is.\n"],
    [['change', '2', '--min-length', '129'], '--min-length must be a whole number from 1 to 128, not "129".\n'],
    [['change', '2', '--needs-digit', 'maybe'], '--needs-digit must be yes or no, not "maybe".\n'],
    [
      ['change', '9', '--needs-digit', 'no'],
      'There is no password policy 9: see "createcustomer admin password-policy list".\n',
    ],
    [['change', '2'], /^Say what shall change: give one or more of --name, --min-length, .*\.\n$/],
    [['remove', '1'], 'Password policy 1 is that of customers that name none: change it, for it must stay.\n'],
    [['remove', '2'], 'The password policy 2 "Strong" is used by 1 customer, so it stays.\n'],
    [['remove', '9'], 'There is no password policy 9: see "createcustomer admin password-policy list".\n'],
  ])('When the operator says %s, then a sentence says what is wrong', async (args, says) => {
    const { code, output } = await admin('password-policy', ...args);
    expect(code).toBe(1);
    if (typeof says === 'string') expect(output).toBe(says);
    else expect(output).toMatch(says);
  });

  test('When one that nobody has is removed, then it is gone', async () => {
    expect(await admin('password-policy', 'remove', '3')).toEqual({
      code: 0,
      output: 'Removed password policy 3 "Plainer".\n',
    });
    expect(await database.db('password_policies').where({ i_password_policy: 3 })).toEqual([]);
  });

  test('When several are added at once, then each gets an id', async () => {
    const runs = await Promise.all(['A', 'B', 'C'].map((name) => admin('password-policy', 'add', '--name', name)));
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(await database.db('password_policies').whereIn('name', ['A', 'B', 'C'])).toHaveLength(3);
  });
});
