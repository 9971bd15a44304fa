import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealApiPassword } from '../../db/credentials.ts';
import { createSealer } from '../../runtime/seal.ts';
import { type Manner, post } from '../services/calls.ts';
import { rootPassword, secretKeys } from '../services/constants.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';
import { waitFor } from '../services/wait-for.ts';

const list = '<methodCall><methodName>system.listMethods</methodName></methodCall>';
const sealer = createSealer([Buffer.from(secretKeys, 'base64')]);
const newPassword = 'another-secret-2';

/** A few seconds are promised; a loaded machine gets some more. */
const soonMs = 15_000;

describe('Access that changes while the service runs', () => {
  let database: TestDatabase;
  let service: Service;

  beforeAll(async () => {
    database = await createTestDatabase();
    service = await startService(serviceSettings(database.url));
  });

  afterAll(async () => {
    expect(await service.stop()).toBe(0);
    await database.drop();
  });

  async function statusOf(manner: Manner): Promise<number> {
    return (await post(service.url, list, manner)).status;
  }

  const withPassword = (password: string): Manner => ({ login: { user: 'root', password } });

  test('When a password is changed, then the new one is good at once and the old one soon no more', async () => {
    expect(await statusOf(withPassword(rootPassword))).toBe(200);
    const api_ha1 = sealApiPassword(sealer, { login: 'root', realm: 'xmlapi', password: newPassword });
    await database.db('customers').where({ i_customer: 1 }).update({ api_ha1 });
    expect(await statusOf(withPassword(newPassword))).toBe(200);
    expect(await statusOf(withPassword(rootPassword))).toBe(401);
  });

  test('When API access is taken away, then it ends soon, and when it is given back, then it is there at once', async () => {
    expect(await statusOf(withPassword(newPassword))).toBe(200);
    await database.db('customers').where({ i_customer: 1 }).update({ api_access: 0 });
    await waitFor(async () => (await statusOf(withPassword(newPassword))) === 401, soonMs);
    await database.db('customers').where({ i_customer: 1 }).update({ api_access: 1 });
    expect(await statusOf(withPassword(newPassword))).toBe(200);
  });

  test('When a host is trusted, and then no more, then both are seen soon', async () => {
    expect(await statusOf({ login: 'none' })).toBe(401);
    await database.db('trusted_hosts').insert({ ip: '127.0.0.1' });
    await waitFor(async () => (await statusOf({ login: 'none' })) === 200, soonMs);
    await database.db('trusted_hosts').delete();
    await waitFor(async () => (await statusOf({ login: 'none' })) === 401, soonMs);
  });
});
