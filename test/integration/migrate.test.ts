import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OpenDatabase } from '../../cli/open-database.ts';
import { prepareDatabase, requireMigrated } from '../../cli/prepare-database.ts';
import { connect } from '../../db/connect.ts';
import { createCredentialStore } from '../../db/credentials.ts';
import { pendingMigrations } from '../../db/migrate.ts';
import { migrations } from '../../db/migrations/list.ts';
import { readSettings } from '../../runtime/config.ts';
import { createSealer } from '../../runtime/seal.ts';
import { loadSecretKeys } from '../../runtime/secret-keys.ts';
import { createCustomerSchema } from '../../schemas/create-customer.ts';
import { ha1 } from '../../schemas/digest.ts';
import { rootPassword, secretKeys } from '../services/constants.ts';
import { createEmptyDatabase, type TestDatabase } from '../services/database.ts';
import { runToEnd } from '../services/service.ts';
import { waitFor } from '../services/wait-for.ts';

const names = migrations.map(({ name }) => name);
const rights = ['accounts_mgmt', 'customers_mgmt', 'tariffs_mgmt', 'vouchers_mgmt', 'system_mgmt'];
const features = [
  'callshop_enabled',
  'overcommit_protection',
  'did_pool_enabled',
  'ivr_apps_enabled',
  'asr_acd_enabled',
  'debit_credit_cards_enabled',
  'conferencing_enabled',
  'share_payment_processors',
  'dncl_enabled',
];

let database: TestDatabase;

beforeEach(async () => {
  database = await createEmptyDatabase();
});

afterEach(() => database.drop());

/** Prepares the database as a process of its own would: with a connection of its own. Returns what it did and said. */
async function prepare(more: Readonly<Record<string, string>> = { ROOT_API_PASSWORD: rootPassword }) {
  const settings = readSettings({ DATABASE_URL: database.url, SECRET_KEYS: secretKeys, ...more });
  const db = connect({ url: database.url, applicationName: 'tests', maxConnections: 2 });
  const said: string[] = [];
  const opened: OpenDatabase = { db, url: database.url, embedded: false };
  try {
    const say = (line: string) => void said.push(line);
    const options = { settings, database: opened, secretKeys: loadSecretKeys(settings), say };
    return { names: await prepareDatabase(options), said };
  } finally {
    await db.destroy();
  }
}

async function expectRootAlone(): Promise<void> {
  const { db } = database;
  expect(await db('customers').select('i_customer', 'name')).toEqual([{ i_customer: 1, name: 'root' }]);
  expect(await db('tariffs')).toEqual([{ i_tariff: 1, i_customer: 1, name: 'Default', currency: 'USD' }]);
  expect(await db('routing_groups')).toEqual([{ i_routing_group: 1, i_customer: 1, name: 'Default' }]);
}

/** Takes back the last migration: what it inserts, and the note that it ran. */
async function undoLookupRows(): Promise<void> {
  await database.db('knex_migrations').where({ name: '0004-lookup-rows' }).delete();
  const tables = 'time_zones, languages, export_types, start_pages, currencies, password_policies';
  await database.db.raw(`TRUNCATE ${tables} CASCADE`);
}

async function findRoot() {
  const sealer = createSealer([Buffer.from(secretKeys, 'base64')]);
  return createCredentialStore(database.db, sealer).find('root');
}

describe('migrating', () => {
  test('When the database is empty, then every migration runs, once', async () => {
    expect(names).toContain('0004-lookup-rows');
    expect(await pendingMigrations(database.db)).toEqual(names);
    expect((await prepare()).names).toEqual(names);
    expect(await pendingMigrations(database.db)).toEqual([]);
    expect(await prepare()).toEqual({ names: [], said: [] });
    await expectRootAlone();
  });

  test('When some migrations are missing, then these are pending and the service says what to do', async () => {
    const opened: OpenDatabase = { ...database, embedded: false };
    await expect(requireMigrated(opened)).rejects.toThrow(/lacks \d+ migration.*run "createcustomer migrate" first/);
    await prepare();
    await requireMigrated(opened);
    await database.db('knex_migrations').where('name', '>', '0002').delete();
    expect(await pendingMigrations(database.db)).toEqual(names.slice(1));
    await expect(requireMigrated(opened)).rejects.toThrow(/migration.*from 0002-customer-tree/);
  });

  test('When two processes migrate at once, then one does it and the other finds nothing to do', async () => {
    const both = await Promise.all([prepare(), prepare()]);
    expect(both.map((each) => each.names.length).sort()).toEqual([0, names.length]);
    await expectRootAlone();
  });

  test('When two real processes migrate at once, then both end well and the customer tree has one root', async () => {
    const settings = { DATABASE_URL: database.url, SECRET_KEYS: secretKeys, ROOT_API_PASSWORD: rootPassword };
    const both = await Promise.all([runToEnd(['migrate'], settings), runToEnd(['migrate'], settings)]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const output = both.map((each) => each.output).join('');
    for (const name of names) expect(output.split(`migrated ${name}`)).toHaveLength(2);
    expect(output).toContain('The database was up to date.');
    expect(output).not.toContain(rootPassword);
    await expectRootAlone();
  });

  test('When a process was killed while it held the lock of knex, then the next one is not blocked', async () => {
    await prepare();
    await database.db('knex_migrations_lock').update({ is_locked: 1 });
    await undoLookupRows();
    expect((await prepare()).names).toEqual(['0004-lookup-rows']);
    expect(await database.db('time_zones').count()).toEqual([{ count: '422' }]);
  });

  test('When a process is killed within a migration, then the next one starts that migration afresh', async () => {
    const { db } = database;
    await prepare();
    await undoLookupRows();
    const holder = await db.transaction();
    await holder.raw('LOCK TABLE start_pages');
    const killed = prepare();
    const refused = expect(killed).rejects.toThrow();
    const waiting = "application_name = 'createcustomer migrate' AND datname = current_database()";
    await waitFor(async () => {
      const { rows } = await db.raw(`SELECT 1 FROM pg_stat_activity WHERE ${waiting} AND wait_event_type = 'Lock'`);
      return rows.length > 0;
    });
    await db.raw(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${waiting}`);
    await refused;
    await holder.rollback();
    expect(await db('time_zones').count()).toEqual([{ count: '0' }]);
    expect((await prepare()).names).toEqual(['0004-lookup-rows']);
    expect(await db('time_zones').count()).toEqual([{ count: '422' }]);
  });
});

describe('the root of an empty database', () => {
  test('When it is set up, then customer 1 has every right, the deepest tree and access to the API', async () => {
    await prepare();
    const root = await database.db('customers').first();
    const every = { ...Object.fromEntries(rights.map((name) => [name, 7])), use_own_tariff: 1, api_mgmt: 1 };
    const enabled = Object.fromEntries(features.map((name) => [name, true]));
    const given = { i_customer: 1, name: 'root', web_login: 'root', payment_currency: 'USD', max_depth: 32 };
    expect(root).toMatchObject({ ...given, ...every, ...enabled, api_access: 1, i_wholesaler: null });
    expect(root.web_password_hash).toBeNull();
  });

  test('When ROOT_API_PASSWORD is set, then it is the password, is never said and never stored', async () => {
    expect((await prepare()).said).toEqual([]);
    const secret = { user: 'root', realm: 'xmlapi', password: rootPassword };
    expect(await findRoot()).toEqual({
      i_customer: 1,
      ha1: { MD5: ha1('MD5', secret), 'SHA-256': ha1('SHA-256', secret) },
    });
    expect(JSON.stringify(await database.db('customers'))).not.toContain(rootPassword);
  });

  test('When ROOT_API_PASSWORD is not set and two processes start, then one password is made and said once', async () => {
    const both = await Promise.all([prepare({}), prepare({})]);
    const said = both.flatMap((each) => each.said);
    expect(said).toHaveLength(1);
    const password = /^API password of root: (\S{20,}) \(shown only now\)$/.exec(said[0] ?? '')?.[1] ?? '';
    expect((await findRoot())?.ha1.MD5).toBe(ha1('MD5', { user: 'root', realm: 'xmlapi', password }));
    expect((await prepare({})).said).toEqual([]);
  });

  test('When the next customer is created, then its number is 2', async () => {
    await prepare();
    const row = { i_wholesaler: 1, name: 'second', payment_currency: 'USD', web_password_hash: 'hash' };
    expect(await database.db('customers').insert(row).returning('i_customer')).toEqual([{ i_customer: 2 }]);
  });
});

describe('the tables', () => {
  test('When the lookup rows are there, then they are those of the reference', async () => {
    const { db } = database;
    await prepare();
    const counts = { time_zones: 422, languages: 9, export_types: 2, start_pages: 3, password_policies: 1 };
    for (const [table, count] of Object.entries(counts)) expect(await db(table), table).toHaveLength(count);
    const zones = new Map((await db('time_zones')).map(({ i_time_zone, name }) => [i_time_zone, name]));
    expect([1, 10, 12, 370, 435].map((id) => zones.get(id))).toEqual([
      'Europe/Andorra',
      'Antarctica/McMurdo',
      'Antarctica/Palmer',
      'Etc/UTC',
      'Europe/Kirov',
    ]);
    expect(zones.has(11)).toBe(false);
    expect(await db('languages').orderBy('i_lang').pluck('i_lang')).toEqual('ar en es fa fr pt ru tr zh'.split(' '));
    expect(await db('export_types').orderBy('i_export_type').pluck('name')).toEqual(['CSV', 'Excel (XLSX)']);
    expect(await db('start_pages').orderBy('start_page').pluck('start_page')).toEqual([1, 3, 4]);
    const policy = { min_length: 8, needs_letter: true, needs_digit: true, forbids_name_and_login: true };
    const classes = { needs_lower: false, needs_upper: false, needs_special: false, forbidden: [] };
    const standard = { i_password_policy: 1, name: 'Default', ...policy, ...classes };
    expect(await db('password_policies')).toEqual([standard]);
    const currencies = await db('currencies').pluck('currency');
    expect(currencies).toEqual(expect.arrayContaining(['CHF', 'EUR', 'JPY', 'USD']));
    for (const none of ['XXX', 'XTS', 'DEM']) expect(currencies).not.toContain(none);
  });

  test('When a member is no secret, then the column of its name holds it', async () => {
    await prepare();
    const columns = Object.keys(await database.db('customers').columnInfo());
    const members = Object.keys(createCustomerSchema.properties);
    const stored = members.filter((member) => !['web_password', 'api_password'].includes(member));
    expect(stored.filter((member) => !columns.includes(member))).toEqual([]);
    expect(columns.filter((column) => !stored.includes(column)).sort()).toEqual([
      'api_ha1',
      'created_at',
      'i_customer',
      'web_password_hash',
    ]);
  });
});
