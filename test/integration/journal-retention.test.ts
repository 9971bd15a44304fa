import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { purgeJournal } from '../../db/journal-retention.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';

describe('When the journal of calls is purged', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(() => database.drop());

  const hoursAgo = (hours: number) => database.db.raw("now() - ? * interval '1 hour'", [hours]);
  const left = () => database.db('calls').orderBy('received_at', 'desc').pluck('request_id');

  beforeEach(async () => {
    const { db } = database;
    await db('calls').delete();
    const call = { outcome: 'OK', dry_run: false, replayed: false, answered_at: db.raw('now()') };
    const ages = { new: 1, 'a day old': 24, 'nearly a week old': 167, 'a week old': 169, 'a year old': 8760 };
    for (const [request_id, hours] of Object.entries(ages)) {
      await db('calls').insert({ ...call, request_id, received_at: hoursAgo(hours) });
    }
  });

  test('then calls are kept for a week', async () => {
    expect(await purgeJournal(database.db)).toBe(2);
    expect(await left()).toEqual(['new', 'a day old', 'nearly a week old']);
  });

  test('then no more than so many of the newest are kept, however new the others are', async () => {
    expect(await purgeJournal(database.db, { maxCalls: 2 })).toBe(3);
    expect(await left()).toEqual(['new', 'a day old']);
  });

  test('then more than one batch is deleted, batch by batch, until it is asked to stop', async () => {
    expect(await purgeJournal(database.db, { batch: 1, signal: AbortSignal.abort() })).toBeLessThan(5);
    await purgeJournal(database.db, { batch: 1 });
    expect(await left()).toEqual(['new', 'a day old', 'nearly a week old']);
  });

  test('then what is known of each second is kept for a day', async () => {
    const row = { process: 'host 1', kind: 'call', name: 'OK', count: 1, sum_ms: 1, max_ms: 1, buckets: [1] };
    await database.db('activity').insert([
      { ...row, second: hoursAgo(23) },
      { ...row, second: hoursAgo(25) },
    ]);
    await purgeJournal(database.db);
    expect(await database.db('activity').count()).toEqual([{ count: '1' }]);
  });

  test('then two workers that do it at once do not wait for each other, and nothing is left over', async () => {
    const deleted = await Promise.all([
      purgeJournal(database.db, { batch: 1 }),
      purgeJournal(database.db, { batch: 1 }),
    ]);
    await purgeJournal(database.db);
    expect(deleted.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(2);
    expect(await left()).toEqual(['new', 'a day old', 'nearly a week old']);
  });
});
