import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, type Database } from '../../db/connect.ts';
import type { OpenJob } from '../../queue/consume.ts';
import type { Outcome } from '../../schemas/jobs.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { waitFor } from '../services/wait-for.ts';
import { createTestWorker, fault, idOf, jobOf } from '../services/worker.ts';

const keyInUse = fault(409, 'idempotency_key is already in use with other parameters');
const nameInUse = fault(409, 'name is already in use', 'web_login is already in use');

let database: TestDatabase;
let observer: Database;
let createCustomer: (job: OpenJob) => Promise<Outcome>;

beforeAll(async () => {
  database = await createTestDatabase();
  observer = connect({ url: database.url, applicationName: 'observer', maxConnections: 2 });
  createCustomer = createTestWorker(database.db);
});

afterAll(async () => {
  await observer.destroy();
  await database.drop();
});

async function statementsHeldUp(): Promise<number> {
  const waiting = "datname = current_database() AND wait_event_type = 'Lock'";
  return (await observer.raw(`SELECT 1 FROM pg_stat_activity WHERE ${waiting}`)).rows.length;
}

/** Runs jobs so that their inserts have all begun before any gets on, as many as there are connections. */
async function createSideBySide(jobs: readonly OpenJob[]): Promise<readonly Outcome[]> {
  const holder = await observer.transaction();
  await holder.raw('SELECT FROM customers WHERE i_customer = 1 FOR UPDATE');
  try {
    const outcomes = Promise.all(jobs.map(createCustomer));
    await waitFor(async () => (await statementsHeldUp()) === Math.min(jobs.length, database.db.client.pool.max));
    await holder.rollback();
    return await outcomes;
  } finally {
    if (!holder.isCompleted()) await holder.rollback();
  }
}

/** A call with a key and a name, as two attempts of one client share them. */
function keyedJob(key: string, params: OpenJob['params'], more: Partial<OpenJob> = {}): OpenJob {
  return jobOf(params, { idempotency_key: key, ...more });
}

function replayed(i_customer: number): Outcome {
  return { ok: true, i_customer, replayed: true };
}

async function countOf(table: string, where: Readonly<Record<string, unknown>>): Promise<number> {
  return (await database.db(table).where(where)).length;
}

/** Expects one customer of this name, and of everything that belongs to it, one. */
async function expectOnce(name: string): Promise<void> {
  const ids = await database.db('customers').where({ name }).pluck('i_customer');
  expect(ids).toHaveLength(1);
  const [i_customer] = ids;
  for (const table of ['audit_log', 'balance_entries', 'idempotency_keys']) {
    expect(await countOf(table, { i_customer }), table).toBe(1);
  }
}

describe('calls at the same time', () => {
  test('When 20 calls have the same name, then exactly one creates it and the others are refused', async () => {
    const calls = Array.from({ length: 20 }, () => jobOf({ name: 'Wanted by all', balance: 1 }));
    const outcomes = await createSideBySide(calls);
    const [created, ...refused] = outcomes.toSorted((a, b) => Number(b.ok) - Number(a.ok));
    expect(created).toMatchObject({ ok: true, replayed: false });
    expect(refused).toEqual(Array.from({ length: 19 }, () => nameInUse));
    await expectOnce('Wanted by all');
  });

  test('When 10 calls with the same key are made at once, then they create one customer', async () => {
    const calls = Array.from({ length: 10 }, () => keyedJob('key-at-once', { name: 'Keyed at once', balance: 1 }));
    const outcomes = await createSideBySide(calls);
    expect(new Set(outcomes.map(idOf)).size).toBe(1);
    expect(outcomes.filter((outcome) => 'replayed' in outcome && !outcome.replayed)).toHaveLength(1);
    await expectOnce('Keyed at once');
  });

  test('When calls with the same key and other parameters are made at once, then one alone is created', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `Same key, name ${index}`);
    const outcomes = await createSideBySide(names.map((name) => keyedJob('key-of-many', { name })));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(outcomes.filter(({ ok }) => !ok)).toEqual(Array.from({ length: 9 }, () => keyInUse));
    expect(await database.db('customers').whereIn('name', names)).toHaveLength(1);
  });
});

describe('one job, twice', () => {
  test('When it runs twice at the same time, then both give the same customer', async () => {
    const job = jobOf({ name: 'Twice at once', balance: -5.5 });
    const [first, second] = await createSideBySide([job, job]);
    expect(first).toMatchObject({ ok: true, replayed: false });
    expect(second).toEqual(first);
    await expectOnce('Twice at once');
  });

  test('When it runs again after it has ended, then it gives the same customer', async () => {
    const job = jobOf({ name: 'Once again', balance: 3 });
    const first = await createCustomer(job);
    idOf(first);
    expect(await createCustomer(job)).toEqual(first);
    await expectOnce('Once again');
  });

  test('When it runs again after its deadline, then it still gives the same customer', async () => {
    const job = jobOf({ name: 'Again too late', balance: 3 }, { deadline: Date.now() + 60_000 });
    const first = await createCustomer(job);
    idOf(first);
    expect(await createCustomer({ ...job, deadline: Date.now() - 1 })).toEqual(first);
    await expectOnce('Again too late');
  });

  test('When its deadline has passed before it ever ran, then nothing is created', async () => {
    const outcome = await createCustomer(jobOf({ name: 'Too late' }, { deadline: Date.now() - 1 }));
    expect(outcome).toEqual(fault(408, 'Timed out: the customer was not created'));
    expect(await countOf('customers', { name: 'Too late' })).toBe(0);
  });

  test('When it comes back from a lost worker after its deadline, then nobody knows, for that one may still be at it', async () => {
    const job = jobOf({ name: 'Lost' }, { deadline: Date.now() - 1, isFirstRun: false });
    const text = `Outcome unknown: repeat the call with the same idempotency key, request ${job.request_id}`;
    expect(await createCustomer(job)).toEqual(fault(504, text));
    expect(await createCustomer({ ...job, dry_run: true })).toMatchObject({ fault: { code: 408 } });
  });

  test('When its deadline passes while it is held up, then it is not created any more', async () => {
    const deadline = Date.now() + 1000;
    const holder = await observer.transaction();
    await holder.raw('SELECT FROM customers WHERE i_customer = 1 FOR UPDATE');
    const outcome = createCustomer(jobOf({ name: 'Held up' }, { deadline }));
    await waitFor(async () => (await statementsHeldUp()) === 1);
    expect(Date.now()).toBeLessThan(deadline);
    await waitFor(() => Date.now() > deadline);
    await holder.rollback();
    expect(await outcome).toMatchObject({ ok: false, fault: { code: 504 } });
    expect(await countOf('customers', { name: 'Held up' })).toBe(0);
  });
});

describe('idempotency keys', () => {
  test('When a key comes again, with the members in another order, then the first customer is the answer', async () => {
    const { name, ...others } = jobOf({ name: 'Keyed', balance: 1 }).params;
    const first = idOf(await createCustomer(keyedJob('key-1', { ...others, name })));
    expect(await createCustomer(keyedJob('key-1', { name, ...others }))).toEqual(replayed(first));
    await expectOnce('Keyed');
  });

  test.each([
    ['another balance', { balance: 2 }],
    ['another password', { web_password: 'another7horse' }],
    ['a member more', { city: 'Bern' }],
  ])('When a key comes again with %s, then the fault is 409', async (_, change) => {
    const name = `Keyed, then ${Object.keys(change)}`;
    idOf(await createCustomer(keyedJob(name.replaceAll(' ', '-'), { name })));
    expect(await createCustomer(keyedJob(name.replaceAll(' ', '-'), { name, ...change }))).toEqual(keyInUse);
  });

  test('When a key comes again with what a default means anyway, then the first customer is the answer', async () => {
    const first = idOf(await createCustomer(keyedJob('key-default', { name: 'Default' })));
    const spelled = { name: 'Default', balance: 0, i_lang: 'en', max_sessions: -1, callshop_enabled: '0' };
    expect(await createCustomer(keyedJob('key-default', spelled))).toEqual(replayed(first));
  });

  test('When another parent uses the same key, then it is another key', async () => {
    const parent = idOf(await createCustomer(keyedJob('key-shared', { name: 'Parent', max_depth: 3 })));
    const more = { i_wholesaler: parent };
    const child = await createCustomer(keyedJob('key-shared', { name: 'Child', i_tariff: null }, more));
    expect(child).toMatchObject({ ok: true, replayed: false });
  });

  test('When a call ended in a fault, then its key is free', async () => {
    for (const wrong of [{ i_tariff: 99 }, { web_password: 'short' }, { name: 'root' }, { balance: 'much' }]) {
      expect(await createCustomer(keyedJob('key-freed', { name: 'Freed', ...wrong }))).toMatchObject({ ok: false });
    }
    const freed = await createCustomer(keyedJob('key-freed', { name: 'Freed' }));
    expect(freed).toMatchObject({ ok: true, replayed: false });
  });

  test('When a dry run has a key, then it neither takes nor finds it, and keeps nothing', async () => {
    const params = { name: 'Rehearsed', balance: 1 };
    const rehearsal = { dry_run: true };
    expect(await createCustomer(keyedJob('key-dry', params, rehearsal))).toEqual({ ok: true, dry_run: true });
    expect(await countOf('customers', { name: 'Rehearsed' })).toBe(0);
    expect(await countOf('idempotency_keys', { key: 'key-dry' })).toBe(0);
    const created = await createCustomer(keyedJob('key-dry', params));
    expect(created).toMatchObject({ ok: true, replayed: false });
    expect(await createCustomer(keyedJob('key-dry', params, rehearsal))).toEqual(nameInUse);
    await expectOnce('Rehearsed');
  });
});
