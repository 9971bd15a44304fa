import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminWithInput, createAdmin, jsonLines } from '../services/admin.ts';
import { post } from '../services/calls.ts';
import { rootPassword } from '../services/constants.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';
import { waitFor } from '../services/wait-for.ts';
import { createTestWorker, idOf, jobOf } from '../services/worker.ts';

const list = '<methodCall><methodName>system.listMethods</methodName></methodCall>';

let database: TestDatabase;
let service: Service;
let admin: ReturnType<typeof createAdmin>;
let reseller: number;
const folder = mkdtempSync(join(tmpdir(), 'createcustomer-admin-'));

beforeAll(async () => {
  database = await createTestDatabase();
  service = await startService(serviceSettings(database.url));
  admin = createAdmin(database.url);
  const create = createTestWorker(database.db);
  const parent = { name: 'Reseller', web_login: 'reseller', max_depth: 2, customers_mgmt: 1 };
  reseller = idOf(await create(jobOf(parent)));
  idOf(await create(jobOf({ name: 'Bad login', web_login: 'bad login' })));
  idOf(await create(jobOf({ name: 'No login: none' })));
  // Its name is the login of another.
  idOf(await create(jobOf({ name: 'reseller', web_login: 'other' })));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  expect(await service.stop()).toBe(0);
  await database.drop();
});

async function statusAs(user: string, password: string): Promise<number> {
  return (await post(service.url, list, { login: { user, password } })).status;
}

function passwordFile(text: string): string {
  const file = join(folder, 'password');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

describe('API access', () => {
  test('When none is given, then a password is made and printed once, and works', async () => {
    const { code, output } = await admin('api-access', 'set', 'Reseller');
    expect(code).toBe(0);
    const [, made = ''] = /^API password: (\S{20}) \(shown only now\)$/m.exec(output) ?? [];
    expect(output).toMatch(new RegExp(`^The customer ${reseller} "Reseller" may call the API now, as reseller\\.\n`));
    expect(await statusAs('reseller', made)).toBe(200);
    const json = jsonLines(await admin('api-access', 'set', String(reseller), '--json'));
    expect(json).toEqual([{ i_customer: reseller, web_login: 'reseller', api_password: expect.any(String) }]);
    expect(await statusAs('reseller', String(json[0]?.api_password))).toBe(200);
    expect(await statusAs('reseller', made)).toBe(401);
  });

  test('When it is set from a file, then it works at once, the old one no more, and it is never printed', async () => {
    expect(await statusAs('root', rootPassword)).toBe(200);
    const file = passwordFile('pässword-77 \r\n');
    expect(await admin('api-access', 'set', 'root', '--password-file', file)).toEqual({
      code: 0,
      output: 'The customer 1 "root" may call the API now, as root.\n',
    });
    expect(await statusAs('root', 'pässword-77 ')).toBe(200);
    expect(await statusAs('root', rootPassword)).toBe(401);
  });

  test('When it comes on standard input, then it works as well', async () => {
    const args = ['api-access', 'set', 'Reseller', '--password-file', '-'];
    const { code, stderr } = await adminWithInput(database.url, args, 'from-input-8\n');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await statusAs('reseller', 'from-input-8')).toBe(200);
  });

  test.concurrent.each([
    ['Reseller', 'x', 'refuses the password: it must have 8 or more characters and must contain a digit.'],
    ['Reseller', 'my-RESELLER-77', 'refuses the password: it must not contain the name or the login.'],
    ['Reseller', '', 'The password is empty.'],
    ['Reseller', 'x'.repeat(129), 'The password has more than 128 characters.'],
    ['Reseller', 'two-lines-1\ntwo-lines-2', 'The password must be one line.'],
    ['Reseller', 'bad\u0007password-1', 'The password must not contain control characters.'],
    ['Bad login', 'correct7horse', 'has a login that HTTP Digest cannot carry: it must be printable ASCII'],
    ['No login: none', 'correct7horse', 'has no login, without which nobody can call the API.'],
    ['nobody', 'correct7horse', 'There is no customer with the id, name or login "nobody"'],
  ])('When %s would get the password %j, then one sentence on standard error says why not', async (who, text, says) => {
    const args = ['api-access', 'set', who, '--password-file', '-'];
    const { code, stdout, stderr } = await adminWithInput(database.url, args, text);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^[^\n]+\.\n$/);
    expect(stderr).toContain(says);
    if (text.length > 1) expect(stderr).not.toContain(text);
  });

  test('When the password file is not there, or the name fits two, then that is said', async () => {
    const missing = await admin('api-access', 'set', 'root', '--password-file', join(folder, 'missing'));
    expect(missing).toMatchObject({
      code: 1,
      output: expect.stringMatching(/cannot be read \(ENOENT\): name one that can\.$/m),
    });
    const two = await admin('api-access', 'set', 'reseller');
    const says = new RegExp(
      `^"reseller" is the name of customer \\d+ and the login of customer ${reseller}: give the id\\.\n$`,
    );
    expect(two).toMatchObject({ code: 1, output: expect.stringMatching(says) });
  });

  test('When the keys are not those of the database, then nothing is sealed with them', async () => {
    const other = createAdmin(database.url, { SECRET_KEYS: Buffer.alloc(32, 9).toString('base64') });
    const { code, output } = await other('api-access', 'set', 'Reseller');
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringMatching(/^SECRET_KEYS .* do not open/) });
    expect(await statusAs('reseller', 'from-input-8')).toBe(200);
  });

  test('When callers are listed, then those that have access and no others', async () => {
    const [table, json] = await Promise.all([admin('api-access', 'list'), admin('api-access', 'list', '--json')]);
    expect(table.output).toMatch(/^i_customer +name +web_login +max_depth +customers_mgmt\n +1 +root +root +32 +7\n/);
    expect(jsonLines(json)).toMatchObject([{ i_customer: 1 }, { i_customer: reseller, web_login: 'reseller' }]);
  });

  test('When it is removed, then it ends soon and nothing is kept', async () => {
    expect(await admin('api-access', 'remove', 'Reseller')).toEqual({
      code: 0,
      output: `The customer ${reseller} "Reseller" may call the API no more, within seconds.\n`,
    });
    await waitFor(async () => (await statusAs('reseller', 'from-input-8')) === 401, 15_000);
    const row = await database.db('customers').where({ i_customer: reseller }).first('api_access', 'api_ha1');
    expect(row).toEqual({ api_access: 0, api_ha1: null });
    const again = await admin('api-access', 'remove', 'Reseller', '--json');
    expect(jsonLines(again)).toEqual([{ removed: { i_customer: reseller, web_login: 'reseller' } }]);
  });

  test('When the keys are lost, then root can begin anew: its access is removed, and set with other keys', async () => {
    const other = createAdmin(database.url, { SECRET_KEYS: Buffer.alloc(32, 9).toString('base64') });
    expect(await other('api-access', 'set', 'root')).toMatchObject({ code: 1 });
    expect(await other('api-access', 'remove', 'root')).toMatchObject({ code: 0 });
    expect(await other('api-access', 'set', 'root')).toMatchObject({ code: 0 });
  });
});
