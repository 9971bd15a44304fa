import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OpenJob } from '../../queue/consume.ts';
import type { Outcome } from '../../schemas/jobs.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { insertParent } from '../services/tree.ts';
import { waitFor } from '../services/wait-for.ts';
import { createTestWorker, fault, idOf, jobOf } from '../services/worker.ts';

let database: TestDatabase;
let createCustomer: (job: OpenJob) => Promise<Outcome>;

beforeAll(async () => {
  database = await createTestDatabase();
  createCustomer = createTestWorker(database.db);
});

afterAll(() => database.drop());

type Parent = Awaited<ReturnType<typeof insertParent>>;

function createBelow({ i_customer, i_tariff }: Parent, params: OpenJob['params'] = {}): Promise<Outcome> {
  const caller = { mode: 'customer', i_customer, address: '::1' } as const;
  return createCustomer(jobOf({ i_tariff, ...params }, { i_wholesaler: i_customer, caller }));
}

/** True once some statement of this database waits for a lock that another holds. */
async function somebodyWaits(): Promise<boolean> {
  const waiting = await database
    .db('pg_stat_activity')
    .where({ wait_event_type: 'Lock' })
    .andWhere('datname', database.db.raw('current_database()'));
  return waiting.length > 0;
}

/** Begins `change`, lets a call run into it, and then lets it end. */
async function during(
  change: (trx: Knex.Transaction) => Promise<unknown>,
  call: () => Promise<Outcome>,
): Promise<Outcome> {
  const trx = await database.db.transaction();
  await change(trx);
  const outcome = call();
  await waitFor(somebodyWaits).finally(() => trx.commit());
  return outcome;
}

describe('A change that is under way while a call comes', () => {
  test.each([
    ['customers_mgmt', { customers_mgmt: 6 }, {}],
    ['max_depth', { max_depth: 0 }, {}],
    ['a feature', { callshop_enabled: false }, { callshop_enabled: true }],
    ['use_own_tariff', { use_own_tariff: 0 }, { i_tariff: null }],
    ['api_mgmt', { api_mgmt: 0 }, { api_mgmt: 1 }],
  ])('When it takes away %s, then the call waits for it and is refused', async (_what, change, params) => {
    const parent = await insertParent(database.db);
    const withdraw = (trx: Knex.Transaction) =>
      trx('customers').where({ i_customer: parent.i_customer }).update(change);
    expect(await during(withdraw, () => createBelow(parent, params))).toMatchObject({
      ok: false,
      fault: { code: 403 },
    });
    expect(await database.db('customers').where({ i_wholesaler: parent.i_customer })).toEqual([]);
  });

  test('When it grants what was missing, then the call waits for it and is accepted', async () => {
    const parent = await insertParent(database.db, { customers_mgmt: 0 });
    const grant = (trx: Knex.Transaction) =>
      trx('customers').where({ i_customer: parent.i_customer }).update({ customers_mgmt: 1 });
    expect(await during(grant, () => createBelow(parent))).toMatchObject({ ok: true });
  });

  test.each(['tariffs', 'routing_groups'])('When it deletes a row of %s, then the call is refused', async (table) => {
    const parent = await insertParent(database.db);
    const id = table === 'tariffs' ? 'i_tariff' : 'i_routing_group';
    const row = { i_customer: parent.i_customer, name: 'Soon gone', ...(table === 'tariffs' && { currency: 'EUR' }) };
    const [{ [id]: value }] = await database.db(table).insert(row).returning(id);
    const remove = (trx: Knex.Transaction) =>
      trx(table)
        .where({ [id]: value })
        .delete();
    expect(await during(remove, () => createBelow(parent, { [id]: value }))).toEqual(fault(401, `Wrong ${id}`));
  });

  test('When it creates the same name, then the call waits for it and gets 409', async () => {
    const parent = await insertParent(database.db);
    const row = { i_wholesaler: 1, payment_currency: 'USD', web_password_hash: 'none', name: 'Claimed' };
    const claim = (trx: Knex.Transaction) => trx('customers').insert(row);
    expect(await during(claim, () => createBelow(parent, { name: 'Claimed' }))).toEqual(
      fault(409, 'name is already in use'),
    );
  });
});

describe('A call that is under way while rights change', () => {
  test('When its transaction is open, then the right cannot be taken away before it ends', async () => {
    const { db } = database;
    const parent = await insertParent(db);
    const other = await insertParent(db);
    const row = { i_wholesaler: 1, payment_currency: 'USD', web_password_hash: 'none', name: 'Held' };
    const trx = await db.transaction();
    await trx('customers').insert(row);
    // The call holds the row of its parent, and waits for the name.
    const call = createBelow(parent, { name: 'Held' });
    await waitFor(somebodyWaits);
    const update = (id: number) => db.raw('UPDATE customers SET customers_mgmt = 0 WHERE i_customer = ?', [id]);
    const impatient = await db.transaction();
    await impatient.raw("SET LOCAL lock_timeout = '100ms'");
    await expect(
      impatient('customers').where({ i_customer: parent.i_customer }).update({ customers_mgmt: 0 }),
    ).rejects.toMatchObject({ code: '55P03' });
    await impatient.rollback();
    await update(other.i_customer);
    await trx.rollback();
    idOf(await call);
    await update(parent.i_customer);
    expect(await createBelow(parent)).toMatchObject({ ok: false, fault: { code: 403 } });
  });

  test('When rights come and go while many calls run, then each is created or refused, and no other way', async () => {
    const { db } = database;
    const parent = await insertParent(db);
    let running = true;
    async function toggle(): Promise<void> {
      for (let on = 0; running; on = 1 - on) {
        await db('customers').where({ i_customer: parent.i_customer }).update({ customers_mgmt: on });
      }
    }
    const toggling = toggle();
    const outcomes = await Promise.all(Array.from({ length: 300 }, () => createBelow(parent)));
    running = false;
    await toggling;
    const created = outcomes.filter(({ ok }) => ok);
    const refused = outcomes.filter((outcome) => !outcome.ok && outcome.fault.code === 403);
    expect(created.length + refused.length).toBe(300);
    expect(await db('customers').where({ i_wholesaler: parent.i_customer })).toHaveLength(created.length);
  });
});
