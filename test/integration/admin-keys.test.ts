import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAdmin } from '../services/admin.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';

let database: TestDatabase;
let admin: ReturnType<typeof createAdmin>;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = createAdmin(database.url);
});

afterAll(() => database.drop());

describe('Idempotency keys', () => {
  async function keysOfAge(prefix: string, days: number, count: number): Promise<void> {
    await database.db.raw(
      `INSERT INTO idempotency_keys (i_wholesaler, key, i_customer, params_hash, created_at)
       SELECT 1, ? || n, 1, 'hash', now() - ? * interval '24 hours' FROM generate_series(1, ?) AS n`,
      [prefix, days, count],
    );
  }

  test('When old ones are purged, then younger ones stay', async () => {
    await keysOfAge('old-', 30.5, 12_000);
    await keysOfAge('young-', 29.5, 3);
    await keysOfAge('new-', 1.5, 2);
    const usual = await admin('key', 'purge');
    expect(usual).toEqual({ code: 0, output: 'Deleted 12000 idempotency keys older than 30 days.\n' });
    const shorter = createAdmin(database.url, { IDEMPOTENCY_TTL_DAYS: '3' });
    expect(await shorter('key', 'purge')).toEqual({
      code: 0,
      output: 'Deleted 3 idempotency keys older than 3 days.\n',
    });
    const given = await admin('key', 'purge', '--older-than-days', '1');
    expect(given).toEqual({ code: 0, output: 'Deleted 2 idempotency keys older than 1 day.\n' });
    const wrong = await admin('key', 'purge', '--older-than-days', '0');
    expect(wrong).toEqual({ code: 1, output: '--older-than-days must be a whole number from 1 to 3650, not "0".\n' });
    const setting = await createAdmin(database.url, { IDEMPOTENCY_TTL_DAYS: '0' })('key', 'purge');
    expect(setting.output).toContain('IDEMPOTENCY_TTL_DAYS must be an integer from 1 to 3650, not "0"');
  });
});
