import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClaims } from '../../db/claims.ts';
import { connect } from '../../db/connect.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';

const lifetimeMs = 60_000;

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

test('When two processes claim the same ones in opposite order at the same time, then each is made once', async () => {
  const open = () => connect({ url: database.url, applicationName: 'tests', maxConnections: 1 });
  const dbs = [open(), open()];
  const [forwards = async () => false, backwards = async () => false] = dbs.map((db) => createClaims(db));
  for (let round = 0; round < 20; round += 1) {
    const names = Array.from({ length: 400 }, (_, n) => `${round} ${n}`);
    const both = [
      names.map((name) => forwards(name, lifetimeMs)),
      names.toReversed().map((name) => backwards(name, lifetimeMs)),
    ];
    const made = (await Promise.all(both.flat())).filter(Boolean);
    expect(made).toHaveLength(names.length);
  }
  for (const db of dbs) await db.destroy();
});
