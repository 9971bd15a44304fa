import { setTimeout as sleep } from 'node:timers/promises';
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

/** What `connect` allows a server to say nothing, with the timeouts below. */
const silenceLimitMs = 2500;
const timeouts = { statementMs: 500, lockMs: 400, idleInTransactionMs: 500 };

test('When a connection was idle for longer than a server may be silent, then its next statement is still guarded', async () => {
  const db = connect({ url, applicationName: 'tests', maxConnections: 1, timeouts });
  await db.raw('SELECT 1');
  const connections = relay.accepted();
  const idleSince = Date.now();
  await waitFor(() => Date.now() > idleSince + 2 * silenceLimitMs);
  relay.goSilent();
  const error = await Promise.race([db.raw('SELECT 2').catch((thrown: unknown) => thrown), sleep(4 * silenceLimitMs)]);
  relay.speak();
  expect([violation(error), relay.accepted()]).toEqual([{ kind: 'transient' }, connections]);
  expect((await db.raw('SELECT 3 AS n')).rows).toEqual([{ n: 3 }]);
  await db.destroy();
});

test('When the database falls silent, then a statement ends as one that may have run, and the next gets a new connection', async () => {
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

test('When a listener connects anew while the silence lasts, then it gives that up and is heard again after it', async () => {
  const { listen, notify } = createNotifications(database.db, { url, onError: () => {} });
  const heard: string[] = [];
  const subscription = await listen('long silence', (payload) => heard.push(payload));
  const connections = relay.accepted();
  relay.goSilent();
  await waitFor(() => relay.accepted() > connections, 20_000);
  relay.speak();
  await waitFor(async () => {
    await notify('long silence', 'again');
    return heard.includes('again');
  }, 20_000);
  await subscription.close();
});
