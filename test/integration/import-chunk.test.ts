import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { purgeImports } from '../../db/import-retention.ts';
import { findDoneChunks } from '../../db/imports.ts';
import type { Chunk } from '../../queue/import-queue.ts';
import { chunkOf, createTestImporter, rowOf } from '../services/chunk-importer.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';

const bcrypt = `$2b$12$${'a'.repeat(53)}`;
const argon2 = `$argon2id$v=19$m=19456,t=2,p=1$${'c2FsdHNhbHRzYWx0'}$${'aGFzaGhhc2hoYXNoaGFzaA'}`;
const scrypt = `$scrypt$ln=16,r=8,p=1$${'c2FsdHNhbHRzYWx0'}$${'aGFzaGhhc2hoYXNoaGFzaA'}`;

describe('A chunk of an import', () => {
  let database: TestDatabase;
  let importChunk: ReturnType<typeof createTestImporter>;

  beforeAll(async () => {
    database = await createTestDatabase();
    importChunk = createTestImporter(database.db);
  });

  afterAll(() => database.drop());

  async function countNamed(pattern: string): Promise<number> {
    const [row] = await database.db('customers').where('name', 'like', pattern).count({ count: '*' });
    return Number(row?.count);
  }

  /** What the database says of a chunk: created, and the failures by line. */
  async function reportOf({ import_id, chunk }: Chunk) {
    const [done] = await findDoneChunks(database.db, import_id, [chunk]);
    if (!done) throw new Error('the chunk is not done');
    const failures = done.failures.map(({ line, code, text }) => [line, `${code} ${text}`]);
    return { created: done.created, failures: Object.fromEntries(failures) };
  }

  async function run(chunk: Chunk) {
    await importChunk(chunk);
    return reportOf(chunk);
  }

  test('When all rows are good, then all are created, with entry, audit row and key row', async () => {
    const chunk = chunkOf([rowOf('Good 1', { balance: '10.50' }), rowOf('Good 2'), rowOf('Good 3')]);
    expect(await importChunk(chunk)).toEqual({ created: 3, failed: 0 });
    const [row] = await database.db('customers').where({ name: 'Good 1' });
    expect(row).toMatchObject({ i_wholesaler: 1, balance: '10.5' });
    expect(row.web_password_hash).toMatch(/^\$argon2id\$/);
    expect(await database.db('balance_entries').where({ i_customer: row.i_customer })).toHaveLength(1);
    const [audit] = await database.db('audit_log').where({ i_customer: row.i_customer });
    expect(audit).toMatchObject({ mode: 'trusted', address: 'import', request_id: `${chunk.import_id}.2` });
    const [key] = await database.db('idempotency_keys').where({ i_customer: row.i_customer });
    expect(key.key).toBe(`import:${chunk.import_id}:2`);
  });

  test('When it runs again, then nothing is created twice, and it says the same', async () => {
    const chunk = chunkOf([rowOf('Twice 1'), rowOf('Twice 2', { i_tariff: 99 }), rowOf('Twice 3')]);
    const first = await run(chunk);
    expect(first).toEqual({ created: 2, failures: { 3: '401 Wrong i_tariff' } });
    expect(await run(chunk)).toEqual(first);
    expect(await countNamed('Twice%')).toBe(2);
  });

  test('When two workers run it at once, then every row is created once', async () => {
    const chunk = chunkOf(Array.from({ length: 50 }, (_, n) => rowOf(`Race ${n}`)));
    await Promise.all([importChunk(chunk), importChunk(chunk), createTestImporter(database.db)(chunk)]);
    expect(await reportOf(chunk)).toEqual({ created: 50, failures: {} });
    expect(await countNamed('Race%')).toBe(50);
  });

  test('When a mended row runs again under its line, then it is created and its failure is forgotten', async () => {
    const chunk = chunkOf([rowOf('Mended 1', { balance: 'x' }), rowOf('Mended 2')]);
    expect((await run(chunk)).created).toBe(1);
    const mended = chunkOf([rowOf('Mended 1'), rowOf('Mended 2')], { import_id: chunk.import_id });
    expect(await run(mended)).toEqual({ created: 2, failures: {} });
  });

  test('When a line was created with other parameters before, then its key is in use', async () => {
    const chunk = chunkOf([rowOf('Key 1')]);
    await run(chunk);
    const other = chunkOf([rowOf('Key 1', { city: 'Bonn' })], { import_id: chunk.import_id });
    expect(await run(other)).toEqual({
      created: 0,
      failures: { 2: '409 idempotency_key is already in use with other parameters' },
    });
  });

  test('When two rows of a chunk have the same key, then the same parameters are one customer, and others a failure', async () => {
    const chunk = chunkOf([]);
    const rows = [
      { line: 2, key: 'same-key', params: rowOf('Same key') },
      { line: 3, key: 'same-key', params: rowOf('Same key') },
      { line: 4, key: 'same-key', params: rowOf('Same key, other name') },
    ];
    expect(await run({ ...chunk, rows })).toEqual({
      created: 2,
      failures: { 4: '409 idempotency_key is already in use with other parameters' },
    });
    expect(await countNamed('Same key%')).toBe(1);
  });

  test('Every kind of mistake is its own row’s, with every reason', async () => {
    const { db } = database;
    await db('customers').insert({
      name: 'No children',
      i_wholesaler: 1,
      payment_currency: 'USD',
      web_password_hash: 'none',
      max_depth: 0,
    });
    const [{ i_customer }] = await db('customers').where({ name: 'No children' });
    const rows: readonly (readonly [Record<string, unknown>, string | undefined])[] = [
      [rowOf('Mistake good 1'), undefined],
      [{ web_password: 'correct7horse', i_tariff: 1 }, '410 Parameter name is required'],
      [{}, '410 Parameter i_tariff is required\nParameter name is required\nParameter web_password is required'],
      [rowOf('M3', { balance: '12,50' }), '400 Wrong value of balance: must be a number, not other text'],
      [rowOf('M4', { nonsense: 1 }), '400 Unknown parameter nonsense'],
      [rowOf('M5', { web_password: 'short' }), expect.stringContaining('400 Wrong value of web_password')],
      [rowOf('M6', { i_tariff: 77, balance: 'x' }), expect.stringMatching(/balance.*\nWrong i_tariff$/)],
      [rowOf('No children'), '409 name is already in use'],
      [rowOf('M8', { i_wholesaler: i_customer, i_tariff: null }), expect.stringContaining('403 Permission denied')],
      [rowOf('M9', { accounts_matching_rule: '(' }), expect.stringContaining('accounts_matching_rule')],
      [rowOf('M10', { description: 'nul \0' }), '400 Wrong value of description: must not contain control characters'],
      [rowOf('M11', { i_wholesaler: 123456 }), expect.stringContaining('401 Wrong i_wholesaler')],
      [rowOf('M12', { web_login: 'root' }), '409 web_login is already in use'],
      [rowOf('M13', { city: ['a'] }), '400 Wrong value of city: must be a single value, not an array'],
      [rowOf('M14', { i_time_zone: 99999, i_lang: 'xx' }), expect.stringMatching(/^401 Wrong i_/)],
      [rowOf('Mistake good 2', { i_tariff: '1', balance: '' }), undefined],
      [{ ...rowOf('M16'), web_password: undefined }, '410 Parameter web_password is required'],
      [
        JSON.parse('{"name":"M17","web_password":"correct7horse","i_tariff":1,"__proto__":1}'),
        '400 Unknown parameter __proto__',
      ],
      [rowOf('M18', { description: 'half \ud800' }), expect.stringContaining('description')],
      [rowOf('M19', { i_tariff: 1e300 }), expect.stringContaining('i_tariff')],
    ];
    const chunk = chunkOf(rows.map(([params]) => JSON.parse(JSON.stringify(params))));
    const expected = rows.flatMap(([, reason], index) => (reason === undefined ? [] : [[index + 2, reason]]));
    expect((await run(chunk)).failures).toEqual(Object.fromEntries(expected));
    expect(await countNamed('Mistake good%')).toBe(2);
  });

  test('When rows of a chunk want the same name, login or alias, then the first of them gets it', async () => {
    const chunk = chunkOf([
      rowOf('Twin', { web_login: 'twin-a' }),
      rowOf('Twin', { web_login: 'twin-b' }),
      rowOf('Twin c', { web_login: 'twin-a' }),
      rowOf('Twin d', { dns_alias: 'Twin.example.org' }),
      rowOf('Twin e', { dns_alias: 'twin.example.ORG' }),
      rowOf('Twin f'),
    ]);
    expect(await run(chunk)).toEqual({
      created: 3,
      failures: {
        3: '409 name is already in use',
        4: '409 web_login is already in use',
        6: '409 dns_alias is already in use',
      },
    });
  });

  test('When hashes come from elsewhere, then they are stored as they are, and other forms are refused', async () => {
    const hashed = (name: string, web_password_hash: unknown, more = {}) => ({
      name,
      i_tariff: 1,
      web_password_hash,
      ...more,
    });
    const says = '400 Wrong value of web_password_hash: must be a PHC string of Argon2id, bcrypt or scrypt';
    const chunk = chunkOf([
      hashed('Hash bcrypt', bcrypt),
      hashed('Hash argon2', argon2),
      hashed('Hash scrypt', scrypt),
      hashed('Hash md5', '$1$abc$def'),
      hashed('Hash plain', 'correct7horse'),
      hashed('Hash number', 12),
      hashed('Hash both', bcrypt, { web_password: 'correct7horse' }),
      hashed('Hash empty', ''),
      hashed('Hash nil', null, { web_password: 'correct7horse' }),
    ]);
    expect(await run(chunk)).toEqual({
      created: 4,
      failures: {
        5: says,
        6: says,
        7: says,
        8: '400 Wrong value of web_password_hash: stands beside web_password: give one of them',
        9: '410 Parameter web_password is required',
      },
    });
    expect(await database.db('customers').where({ name: 'Hash bcrypt' }).pluck('web_password_hash')).toEqual([bcrypt]);
  });

  test('When it is a dry run, then nothing is kept, and twins are found within it and among its chunks', async () => {
    const first = chunkOf([rowOf('Dry 1'), rowOf('Dry 1', { web_login: 'other' }), rowOf('Dry 2', { i_tariff: 9 })], {
      dry_run: true,
    });
    expect(await run(first)).toEqual({
      created: 1,
      failures: { 3: '409 name is already in use', 4: '401 Wrong i_tariff' },
    });
    const rows = [{ line: 5, params: rowOf('Dry 1') }];
    expect(await run({ ...first, chunk: 2, rows })).toEqual({
      created: 0,
      failures: { 5: '409 name is already in use\nweb_login is already in use' },
    });
    expect(await countNamed('Dry%')).toBe(0);
  });

  test('When a chunk was done long ago, then a purge forgets it and its failures, and its customers stay', async () => {
    const { db } = database;
    const old = chunkOf([rowOf('Old'), rowOf('Old 2', { i_tariff: 99 })]);
    const young = chunkOf([rowOf('Young', { i_tariff: 99 })]);
    await importChunk(old);
    await importChunk(young);
    const { import_id } = old;
    await db('import_chunks')
      .where({ import_id })
      .update({ done_at: db.raw("now() - interval '10 days'") });
    expect(await purgeImports(db, { olderThanDays: 9, batch: 1 })).toBe(1);
    expect(await db('import_failures').where({ import_id })).toEqual([]);
    expect(await reportOf(young)).toEqual({ created: 0, failures: { 2: '401 Wrong i_tariff' } });
    expect(await countNamed('Old')).toBe(1);
  });

  test('When a tenth of 1000 rows is bad, then the others are created', async () => {
    const rows = Array.from({ length: 1000 }, (_, n) => {
      if (n % 20 === 0) return rowOf(`Large ${n}`, { i_tariff: 99 });
      return n % 20 === 10 ? rowOf(`Large ${n - 1}`, { web_login: `large-${n}` }) : rowOf(`Large ${n}`);
    });
    const { created, failures } = await run(chunkOf(rows));
    expect({ created, failed: Object.keys(failures).length }).toEqual({ created: 900, failed: 100 });
    expect(await countNamed('Large%')).toBe(900);
  });
});
