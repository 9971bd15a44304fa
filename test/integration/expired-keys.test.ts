import { afterAll, beforeAll, expect, test } from 'vitest';
import { purgeKeys } from '../../db/idempotency-retention.ts';
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

const age = (days: number) => database.db.raw("now() - ? * interval '24 hours'", [days]);

async function insertExpired(): Promise<void> {
  const row = { i_wholesaler: 1, i_customer: 1, params_hash: 'x', created_at: age(2.1) };
  await database.db('idempotency_keys').insert(Array.from({ length: 2500 }, (_, n) => ({ ...row, key: `old-${n}` })));
}

test('When a key has expired, then a worker deletes it soon, and others stay', async () => {
  const { db } = database;
  const settings = { ...serviceSettings(database.url), IDEMPOTENCY_TTL_DAYS: '2' };
  const first = await startService(settings);
  const id = createdId(await createCustomer(first.url, call, keyed));
  expect(createdId(await createCustomer(first.url, call, keyed))).toBe(id);
  expect(await first.stop()).toBe(0);
  await db('idempotency_keys').update({ created_at: age(1.9) });
  await insertExpired();
  const second = await startService(settings);
  await waitFor(async () => (await db('idempotency_keys').pluck('key')).length === 1);
  expect(await db('idempotency_keys').pluck('key')).toEqual(['key-1']);
  expect(createdId(await createCustomer(second.url, call, keyed))).toBe(id);
  expect(await second.stop()).toBe(0);
});

test('When the worker is to end while many keys expire, then it ends after the batch in hand', async () => {
  const { db } = database;
  await db('idempotency_keys').delete();
  await insertExpired();
  expect(await purgeKeys(db, { olderThanDays: 2, batch: 100, signal: AbortSignal.abort() })).toBe(100);
  expect(await db('idempotency_keys').pluck('key')).toHaveLength(2400);
});
