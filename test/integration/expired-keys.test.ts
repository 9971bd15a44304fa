import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCustomer, createdId } from '../services/calls.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { serviceSettings, startService } from '../services/service.ts';
import { waitFor } from '../services/wait-for.ts';

const call = { web_password: 'correct7horse', i_tariff: 1, name: 'Keyed' };
const keyed = { args: ['--header', 'Idempotency-Key: key-1'] };

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

test('When a key has expired, then a worker deletes it soon, and others stay', async () => {
  const { db } = database;
  const settings = { ...serviceSettings(database.url), IDEMPOTENCY_TTL_DAYS: '2' };
  const first = await startService(settings);
  const id = createdId(await createCustomer(first.url, call, keyed));
  expect(createdId(await createCustomer(first.url, call, keyed))).toBe(id);
  expect(await first.stop()).toBe(0);
  const age = (days: number) => db.raw("now() - ? * interval '24 hours'", [days]);
  await db('idempotency_keys').update({ created_at: age(1.9) });
  const old = Array.from({ length: 2500 }, (_, n) => ({
    i_wholesaler: 1,
    key: `old-${n}`,
    i_customer: 1,
    params_hash: 'x',
  }));
  await db('idempotency_keys').insert(old.map((row) => ({ ...row, created_at: age(2.1) })));
  const second = await startService(settings);
  await waitFor(async () => (await db('idempotency_keys').pluck('key')).length === 1);
  expect(await db('idempotency_keys').pluck('key')).toEqual(['key-1']);
  expect(createdId(await createCustomer(second.url, call, keyed))).toBe(id);
  expect(await second.stop()).toBe(0);
});
