import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { searchJournal } from '../../db/search-journal.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';

const longestList = 50;
const root = 1;

/** Ways to find a call: what its row has, and what is searched for. */
const ways = [
  ['request id', { request_id: 'sought' }, 'sought'],
  ['customer', { i_customer: root }, `${root}`],
  ['name', { name: 'Sought' }, 'Sought'],
  ['beginning of a name', { name: 'Begun and ended' }, 'Begun'],
  ['login', { web_login: 'sought-login' }, 'sought-login'],
  ['idempotency key', { idempotency_key: 'sought-key' }, 'sought-key'],
] as const;

describe('When more calls are found than a list holds', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(() => database.drop());

  const minute = (n: number) => new Date(Date.UTC(2026, 0, 1, 12, n));

  test.each(ways)('then those with one %s are the newest, the newest first', async (_way, members, text) => {
    const { db } = database;
    const call = { request_id: 'other', outcome: '409', dry_run: false, replayed: false };
    const minutes = Array.from({ length: longestList + 10 }, (_, n) => n);
    await db('calls').insert(
      minutes.map((n) => ({ ...call, ...members, received_at: minute(n), answered_at: minute(n) })),
    );
    const { calls } = await searchJournal(db, text);
    expect(calls.map(({ received_at }) => received_at)).toEqual(minutes.map(minute).reverse().slice(0, longestList));
  });
});
