import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealApiPassword } from '../../db/credentials.ts';
import { resealApiPasswords } from '../../db/reseal.ts';
import { createSealer } from '../../runtime/seal.ts';
import { createAdmin } from '../services/admin.ts';
import { post } from '../services/calls.ts';
import { rootPassword, secretKeys } from '../services/constants.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';
import { waitFor } from '../services/wait-for.ts';

const list = '<methodCall><methodName>system.listMethods</methodName></methodCall>';
const oldKey = Buffer.from(secretKeys, 'base64');
const newKey = Buffer.alloc(32, 7);
const oldSealer = createSealer([oldKey]);
const newSealer = createSealer([newKey]);
const bothKeys = `${newKey.toString('base64')},${secretKeys}`;
const customers = 1200;
const changed = 600;

function sealed(login: string, password = `password of ${login}`): string {
  return sealApiPassword(oldSealer, { login, realm: 'xmlapi', password });
}

describe('A change of the secret keys', () => {
  let database: TestDatabase;
  let service: Service;

  beforeAll(async () => {
    database = await createTestDatabase();
    const base = { i_wholesaler: 1, payment_currency: 'USD', web_password_hash: 'hash', api_access: 1 };
    const rows = Array.from({ length: customers }, (_, n) => {
      return { ...base, name: `Customer ${n}`, web_login: `login-${n}`, api_ha1: sealed(`login-${n}`) };
    });
    await database.db.batchInsert('customers', rows, 500);
    service = await startService({ ...serviceSettings(database.url), SECRET_KEYS: bothKeys });
  });

  afterAll(async () => {
    expect(await service.stop()).toBe(0);
    await database.drop();
  });

  async function statusAs(user: string, password: string): Promise<number> {
    return (await post(service.url, list, { login: { user, password } })).status;
  }

  function reencrypt(keys: string) {
    return createAdmin(database.url, { SECRET_KEYS: keys })('reencrypt');
  }

  test('When passwords change while they are sealed anew, then the new one is kept, and all can call meanwhile', async () => {
    const changing = sealed(`login-${changed}`, 'changed-meanwhile-1');
    const run = await database.db.transaction(async (trx) => {
      await trx('customers')
        .where({ web_login: `login-${changed}` })
        .update({ api_ha1: changing });
      const running = reencrypt(bothKeys);
      await waitFor(async () => {
        const { rows } = await database.db.raw(
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        );
        return rows.length > 0;
      });
      return { running };
    });
    const statuses = new Set<number>();
    let isDone = false;
    const ended = run.running.finally(() => {
      isDone = true;
    });
    for (let n = 0; !isDone; n = (n + 97) % customers) {
      if (n !== changed) statuses.add(await statusAs(`login-${n}`, `password of login-${n}`));
    }
    expect([...statuses]).toEqual([200]);
    const output = `API passwords: ${customers + 1} re-sealed, 0 up to date, 0 not opened.\n`;
    expect(await ended).toEqual({ code: 0, output });
    expect(await statusAs(`login-${changed}`, 'changed-meanwhile-1')).toBe(200);
    expect(await statusAs(`login-${changed}`, 'password of login-600')).toBe(401);
    const stored = await database.db('customers').whereNotNull('api_ha1').pluck('api_ha1');
    expect(stored.filter((text) => !newSealer.isCurrent(text))).toEqual([]);
  });

  test('When it is done, then everybody can still log in, with the new key alone too, and it can be repeated', async () => {
    expect(await statusAs('root', rootPassword)).toBe(200);
    const output = `API passwords: 0 re-sealed, ${customers + 1} up to date, 0 not opened.\n`;
    expect(await reencrypt(bothKeys)).toEqual({ code: 0, output });
    expect(await reencrypt(newKey.toString('base64'))).toEqual({ code: 0, output });
    const alone = await startService({ ...serviceSettings(database.url), SECRET_KEYS: newKey.toString('base64') });
    const login = { user: 'login-7', password: 'password of login-7' };
    expect((await post(alone.url, list, { login })).status).toBe(200);
    expect(await alone.stop()).toBe(0);
  });

  test('When it is interrupted, then the next run goes on where it ended', async () => {
    const keys = createSealer([Buffer.alloc(32, 8), newKey]);
    for await (const batch of resealApiPasswords(database.db, keys)) {
      expect(batch).toEqual({ resealed: 500, upToDate: 0, unopened: [] });
      break;
    }
    const total = { resealed: 0, upToDate: 0 };
    for await (const { resealed, upToDate } of resealApiPasswords(database.db, keys)) {
      total.resealed += resealed;
      total.upToDate += upToDate;
    }
    expect(total).toEqual({ resealed: customers + 1 - 500, upToDate: 500 });
    const back = createSealer([newKey, Buffer.alloc(32, 8)]);
    for await (const batch of resealApiPasswords(database.db, back)) expect(batch.unopened).toEqual([]);
  });

  test('When no key opens some, then they are named, left as they are, and the exit code is 1', async () => {
    const foreign = sealApiPassword(createSealer([Buffer.alloc(32, 1)]), {
      login: 'x',
      realm: 'xmlapi',
      password: 'x',
    });
    const wrongPlace = sealApiPassword(newSealer, { login: 'login-4', realm: 'xmlapi', password: 'x' });
    const of = (web_login: string) => database.db('customers').where({ web_login });
    await of('login-3').update({ api_ha1: foreign });
    await of('login-5').update({ api_ha1: wrongPlace });
    await of('login-9').update({ api_ha1: sealed('login-9') });
    const { code, output } = await reencrypt(bothKeys);
    expect(code).toBe(1);
    expect(output.split('\n')).toEqual([
      expect.stringMatching(/^not opened: customer \d+ "Customer 3" \(login login-3\)$/),
      expect.stringMatching(/^not opened: customer \d+ "Customer 5" \(login login-5\)$/),
      `API passwords: 1 re-sealed, ${customers - 2} up to date, 2 not opened.`,
      expect.stringMatching(
        /^Those that were not opened can log in no more: add the key .* if it is lost, use "createcustomer admin /,
      ),
      '',
    ]);
    expect(await of('login-3').first('api_ha1')).toEqual({ api_ha1: foreign });
  });
});
