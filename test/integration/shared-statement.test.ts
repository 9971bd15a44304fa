import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connect, type Database } from '../../db/connect.ts';
import type { OpenJob } from '../../queue/consume.ts';
import type { Outcome } from '../../schemas/jobs.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { waitFor } from '../services/wait-for.ts';
import { createTestWorker, fault, idOf, jobOf } from '../services/worker.ts';

const clients = 30;

let database: TestDatabase;
let observer: Database;
let createCustomer: (job: OpenJob) => Promise<Outcome>;
let round = 0;

/** Counts transactions that insert customers, and lets one name fail in a way that nobody foresees. */
const spy = `
  CREATE TABLE statements (i_customer integer);
  CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO statements SELECT count(*) FROM added;
    RETURN NULL;
  END $$;
  CREATE TRIGGER spy AFTER INSERT ON customers REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION spy();
  CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'nobody foresaw this';
  END $$;
  CREATE TRIGGER fail BEFORE INSERT ON customers FOR EACH ROW WHEN (NEW.name LIKE 'Fails%') EXECUTE FUNCTION fail()`;

beforeAll(async () => {
  database = await createTestDatabase();
  observer = connect({ url: database.url, applicationName: 'observer', maxConnections: 2 });
  await database.db.raw(spy);
  createCustomer = createTestWorker(database.db);
});

beforeEach(async () => {
  round += 1;
  await database.db('statements').delete();
});

afterAll(async () => {
  await observer.destroy();
  await database.drop();
});

async function isHeldUp(): Promise<boolean> {
  const waiting = "datname = current_database() AND wait_event_type = 'Lock'";
  return (await observer.raw(`SELECT 1 FROM pg_stat_activity WHERE ${waiting}`)).rows.length > 0;
}

function jobsNamed(name: string): readonly OpenJob[] {
  return Array.from({ length: clients }, (_, number) => jobOf({ name: `${name} ${number}, ${round}`, balance: 1 }));
}

/** Runs the jobs while another call's statement is held up for a moment, so that they share the next one. */
async function createTogether(jobs: readonly OpenJob[]): Promise<readonly Outcome[]> {
  const holder = await observer.transaction();
  try {
    await holder.raw('SELECT FROM customers WHERE i_customer = 1 FOR UPDATE');
    const first = createCustomer(jobOf({ name: `First, ${round}` }));
    await waitFor(isHeldUp);
    const outcomes = Promise.all(jobs.map((job) => createCustomer(job).catch((): Outcome => fault(500, 'failed'))));
    await holder.rollback();
    idOf(await first);
    return await outcomes;
  } finally {
    if (!holder.isCompleted()) await holder.rollback();
  }
}

/** Puts a job in the middle of others, and expects all of them to be created. */
async function outcomeAmongNeighbours(job: OpenJob): Promise<Outcome | undefined> {
  const neighbours = jobsNamed('Neighbour');
  const middle = clients / 2;
  const outcomes = await createTogether([...neighbours.slice(0, middle), job, ...neighbours.slice(middle)]);
  const others = outcomes.filter((_, index) => index !== middle);
  expect(new Set(others.map(idOf)).size).toBe(clients);
  const stored = await database.db('customers').where('name', 'like', `Neighbour %, ${round}`).pluck('i_customer');
  expect(stored.toSorted()).toEqual(others.map(idOf).toSorted());
  return outcomes[middle];
}

describe('calls that share a statement', () => {
  test('When calls come while one is being stored, then they need one statement together', async () => {
    const outcomes = await createTogether(jobsNamed('Together'));
    expect(new Set(outcomes.map(idOf)).size).toBe(clients);
    const sizes: number[] = await database.db('statements').pluck('i_customer');
    expect(Math.max(...sizes)).toBeGreaterThan(1);
    expect(sizes.length).toBeLessThan(clients / 2);
  });

  test('When they are stored, then each has its own rows in every table', async () => {
    const outcomes = await createTogether(jobsNamed('Own rows'));
    const { rows } = await database.db.raw(
      `SELECT i_customer FROM customers JOIN balance_entries USING (i_customer) JOIN idempotency_keys USING (i_customer)
       JOIN audit_log USING (i_customer) WHERE params->>'name' = name AND name LIKE ?`,
      [`Own rows %, ${round}`],
    );
    const ids = rows.map((row: { readonly i_customer: number }) => row.i_customer);
    expect(ids.toSorted()).toEqual(outcomes.map(idOf).toSorted());
  });

  test.each([
    ['breaks a rule of the tree', { max_depth: 32 }, 403],
    ['has a name that is taken', { name: 'root' }, 409],
    ['refers to a tariff that is not there', { i_tariff: 99 }, 401],
  ])('When one of them %s, then it alone is refused', async (_what, params, code) => {
    const outcome = await outcomeAmongNeighbours(jobOf({ name: `Wrong, ${round}`, ...params }));
    expect(outcome).toMatchObject({ ok: false, fault: { code } });
  });

  test('When two of them have the same name, then one is created', async () => {
    const twins = [1, 2].map(() => jobOf({ name: `Twin, ${round}` }));
    const outcomes = await createTogether([...jobsNamed('Beside twins'), ...twins]);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(clients + 1);
    expect(await database.db('customers').where({ name: `Twin, ${round}` })).toHaveLength(1);
  });

  test('When two of them have the same key, then both give the same customer', async () => {
    const twins = [1, 2].map(() => jobOf({ name: `Keyed, ${round}` }, { idempotency_key: `key-${round}` }));
    const outcomes = await createTogether([...jobsNamed('Beside keys'), ...twins]);
    expect(new Set(outcomes.map(idOf)).size).toBe(clients + 1);
  });

  test('When one fails in a way that nobody foresaw, then it alone fails', async () => {
    const outcome = await outcomeAmongNeighbours(jobOf({ name: `Fails, ${round}` }));
    expect(outcome).toEqual(fault(500, 'failed'));
  });

  test('When the deadline of one passes before they are inserted, then it alone is not created', async () => {
    const deadline = Date.now() + 100;
    const holder = await observer.transaction();
    await holder.raw('SELECT FROM customers WHERE i_customer = 1 FOR UPDATE');
    const neighbours = jobsNamed('In time').map(createCustomer);
    const late = createCustomer(jobOf({ name: `Late, ${round}` }, { deadline }));
    await waitFor(async () => (await isHeldUp()) && Date.now() > deadline);
    await holder.rollback();
    expect(await late).toMatchObject({ ok: false });
    expect(new Set((await Promise.all(neighbours)).map(idOf)).size).toBe(clients);
    expect(await database.db('customers').where({ name: `Late, ${round}` })).toEqual([]);
  });

  test('When one waits for a lock that another transaction keeps, then its neighbours are created meanwhile', async () => {
    const name = `Locked, ${round}`;
    const holder = await observer.transaction();
    const row = { i_wholesaler: 1, name, payment_currency: 'USD', web_password_hash: 'none' };
    await holder('customers').insert(row);
    const locked = createCustomer(jobOf({ name }));
    const neighbours = await Promise.all(jobsNamed('Unlocked').map(createCustomer));
    expect(new Set(neighbours.map(idOf)).size).toBe(clients);
    expect(holder.isCompleted()).toBe(false);
    await holder.rollback();
    expect(await locked).toMatchObject({ ok: true });
  });
});
