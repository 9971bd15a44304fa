import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { purgeImports } from '../../db/import-retention.ts';
import { forgetClaims } from '../../db/imports.ts';
import { createLogger } from '../../runtime/logger.ts';
import { startPurging } from '../../worker/purge-expired.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { waitFor } from '../services/wait-for.ts';

describe('What becomes of imports', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(() => database.drop());

  const old = { dry_run: true, created: 0, failed: 1, done_at: () => database.db.raw("now() - interval '10 days'") };

  /** Two old chunks of a dry run with a failure each, and five claims; of another import one chunk and one claim, both young. */
  beforeEach(async () => {
    const { db } = database;
    for (const table of ['import_chunks', 'import_failures', 'import_claims']) await db(table).delete();
    const claim = { import_id: 'old', member: 'name', line: 1 };
    const failure = { import_id: 'old', code: 400, text: 'x' };
    const chunk = { ...old, done_at: old.done_at(), import_id: 'old' };
    await db('import_chunks').insert([1, 2].map((number) => ({ ...chunk, chunk: number })));
    await db('import_chunks').insert({ import_id: 'young', chunk: 1, dry_run: true, created: 1, failed: 0 });
    await db('import_failures').insert([1, 2].map((number) => ({ ...failure, chunk: number, line: number })));
    await db('import_claims').insert(Array.from({ length: 5 }, (_, n) => ({ ...claim, value: `${n}` })));
    await db('import_claims').insert({ ...claim, import_id: 'young', value: '0' });
  });

  /** What is left: chunks, failures, claims. */
  async function left(): Promise<readonly number[]> {
    const tables = ['import_chunks', 'import_failures', 'import_claims'];
    return Promise.all(tables.map(async (table) => (await database.db(table).select('import_id')).length));
  }

  test('When a dry run forgets its claims, then it does so batch by batch, until it is asked to stop', async () => {
    const { db } = database;
    await forgetClaims(db, 'old', { batch: 2, signal: AbortSignal.abort() });
    expect(await left()).toEqual([3, 2, 4]);
    await forgetClaims(db, 'old', { batch: 2 });
    expect(await db('import_claims').pluck('import_id')).toEqual(['young']);
  });

  test('When a dry run is long over, then its claims go first, batch by batch, and then its chunks', async () => {
    const { db } = database;
    await purgeImports(db, { olderThanDays: 9, batch: 2, signal: AbortSignal.abort() });
    expect(await left()).toEqual([3, 2, 4]);
    expect(await purgeImports(db, { olderThanDays: 9, batch: 2 })).toBe(2);
    expect(await left()).toEqual([1, 0, 1]);
  });

  test('When expired keys cannot be deleted, then what became of old imports and calls is deleted all the same', async () => {
    const { db } = database;
    const call = { request_id: 'old', outcome: 'OK', dry_run: false, replayed: false, answered_at: db.raw('now()') };
    await db('calls').insert({ ...call, received_at: old.done_at() });
    await db.schema.renameTable('idempotency_keys', 'away');
    const purging = startPurging({ db, olderThanDays: 9, log: createLogger('silent') });
    await waitFor(async () => (await db('calls').select('request_id')).length === 0);
    expect(await left()).toEqual([1, 0, 1]);
    await purging.close();
    await db.schema.renameTable('away', 'idempotency_keys');
  });
});
