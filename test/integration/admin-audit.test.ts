import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAdmin, jsonLines } from '../services/admin.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { createTestWorker, idOf, jobOf } from '../services/worker.ts';

const rowsOfOneRequest = 1200;

describe('The audit log', () => {
  let database: TestDatabase;
  let admin: ReturnType<typeof createAdmin>;
  let first: number;
  let second: number;

  beforeAll(async () => {
    database = await createTestDatabase();
    admin = createAdmin(database.url);
    await database.db.raw(
      `INSERT INTO audit_log (i_customer, mode, address, request_id, params, created_at)
       SELECT 1, 'trusted', '::1', 'many', '{}', timestamptz '2010-01-01 00:00:00Z'
       FROM generate_series(1, ?) AS n`,
      [rowsOfOneRequest],
    );
    const create = createTestWorker(database.db);
    const params = { name: 'First', balance: 10.5, description: 'A description\nof more than 24 characters' };
    first = idOf(await create(jobOf(params, { request_id: 'request-a' })));
    const caller = { mode: 'customer', address: '192.0.2.9', i_customer: 1 } as const;
    second = idOf(await create(jobOf({ name: 'Second' }, { request_id: 'request-b', caller })));
    await database.db('audit_log').where({ i_customer: first }).update({ created_at: '2020-01-01T00:00:00Z' });
  });

  afterAll(() => database.drop());

  async function idsOf(...args: readonly string[]): Promise<readonly unknown[]> {
    const run = await admin('audit', '--json', ...args);
    expect(run.code).toBe(0);
    return jsonLines(run).map(({ i_customer }) => i_customer);
  }

  test('When it is printed as a table, then it says who, whom, from where and with what, shortened, the newest last', async () => {
    const { code, output } = await admin('audit', '--since', '2019-12-31');
    expect(code).toBe(0);
    const [headings, ...lines] = output.trimEnd().split('\n');
    expect(headings).toMatch(/^time +i_customer +name +mode +caller +address +request id +params$/);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(
      new RegExp(`^2020-01-01T00:00:00Z +${first} +First +trusted +- +127\\.0\\.0\\.1 +request-a +.*balance=10\\.5`),
    );
    expect(lines[0]).toMatch(/description=A description of more th…/);
    expect(lines[0]).not.toMatch(/i_lang|callshop/);
    expect(lines[1]).toMatch(
      new RegExp(` ${second} +Second +customer +1 root +192\\.0\\.2\\.9 +request-b +i_tariff=1`),
    );
  });

  test('When it is printed as JSON, then everything is there but secrets', async () => {
    const run = await admin('audit', '--json', '--customer', 'First');
    expect(jsonLines(run)).toEqual([
      {
        ...{ i_audit: expect.any(Number), time: '2020-01-01T00:00:00.000Z', action: 'create', i_customer: first },
        ...{ name: 'First', mode: 'trusted', i_caller: null, caller: null, address: '127.0.0.1' },
        ...{ request_id: 'request-a', params: expect.objectContaining({ balance: 10.5, i_lang: 'en' }) },
      },
    ]);
    expect(run.output).not.toMatch(/password"|hash/);
  });

  test('When it is narrowed, then by customer, request, time and number, alone and together', async () => {
    const [byCustomer, byRequest, since, ago, between, newest, together] = await Promise.all([
      idsOf('--customer', String(second)),
      idsOf('--request-id', 'request-a'),
      idsOf('--since', '2020-01-01T00:00:00Z'),
      idsOf('--since', '1h'),
      idsOf('--since', '2015-01-01', '--until', '2021-01-01T00:00+02:00'),
      idsOf('--limit', '3'),
      idsOf('--limit', '1', '--until', '2h', '--since', '2011-01-01'),
    ]);
    expect({ byCustomer, byRequest, since, ago, between, newest, together }).toEqual({
      ...{ byCustomer: [second], byRequest: [first], since: [first, second], ago: [second] },
      ...{ between: [first], newest: [1, first, second], together: [first] },
    });
    expect(await idsOf('--until', '2020-01-01', '--since', '2011-01-01')).toEqual([]);
  });

  test('When it has several pages, then each row comes once, in order', async () => {
    const rows = jsonLines(await admin('audit', '--json', '--request-id', 'many'));
    const ids = rows.map(({ i_audit }) => Number(i_audit));
    expect(new Set(ids).size).toBe(rowsOfOneRequest);
    const { rows: expected } = await database.db.raw(
      "SELECT CAST(i_audit AS integer) FROM audit_log WHERE request_id = 'many' ORDER BY i_audit",
    );
    expect(ids).toEqual(expected.map((row: { i_audit: number }) => row.i_audit));
    const newest = jsonLines(await admin('audit', '--json', '--request-id', 'many', '--limit', '700'));
    expect(newest.map(({ i_audit }) => i_audit)).toEqual(ids.slice(-700));
  });

  test('When nothing fits, or an option is wrong, then that is said', async () => {
    const none = await admin('audit', '--request-id', 'never');
    expect(none).toEqual({ code: 0, output: 'The audit log has no such row.\n' });
    expect(await admin('audit', '--request-id', 'never', '--json')).toEqual({ code: 0, output: '' });
    const time = '--since must be a time such as 2026-01-31, 2026-01-31T12:00:00Z, 30m, 2h or 7d, not "yesterday".\n';
    expect(await admin('audit', '--since', 'yesterday')).toEqual({ code: 1, output: time });
    expect(await admin('audit', '--limit', 'x')).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^--limit must be/),
    });
    expect(await admin('audit', '--customer', 'nobody')).toMatchObject({ code: 1 });
    expect(await admin('audit', '--foo')).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^error: unknown option/),
    });
  });
});
