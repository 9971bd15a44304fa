import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../db/connect.ts';
import { createNotifications } from '../../db/notifications.ts';
import { violation } from '../../db/violations.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { openRelay } from '../services/tcp-relay.ts';
import { waitFor } from '../services/wait-for.ts';

let database: TestDatabase;
let relay: Awaited<ReturnType<typeof openRelay>>;
let url: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const direct = new URL(database.url);
  relay = await openRelay({ host: direct.hostname, port: Number(direct.port) });
  direct.port = String(relay.port);
  url = direct.href;
});

afterAll(async () => {
  await relay.close();
  await database.drop();
});

test('When the database falls silent, then a statement ends as one that may have run, and the next gets a new connection', async () => {
  const timeouts = { statementMs: 500, lockMs: 400, idleInTransactionMs: 500 };
  const db = connect({ url, applicationName: 'tests', maxConnections: 1, timeouts });
  await db.raw('SELECT 1');
  relay.goSilent();
  const error = await db.raw('SELECT 2').catch((thrown: unknown) => thrown);
  expect(violation(error)).toEqual({ kind: 'transient' });
  relay.speak();
  expect((await db.raw('SELECT 3 AS n')).rows).toEqual([{ n: 3 }]);
  await db.destroy();
});

test('When a listener hears nothing because its connection is dead, then it listens on another soon', async () => {
  const errors: string[] = [];
  const onError = (error: Error) => errors.push(error.message);
  const { listen, notify } = createNotifications(database.db, { url, onError });
  const heard: string[] = [];
  const subscription = await listen('silence', (payload) => heard.push(payload));
  relay.goSilent();
  await waitFor(() => errors.length > 0, 20_000);
  expect(errors[0]).toContain('silent');
  relay.speak();
  await waitFor(async () => {
    await notify('silence', 'again');
    return heard.includes('again');
  }, 20_000);
  await subscription.close();
});
