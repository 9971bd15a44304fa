import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chunkOf, createTestImporter, rowOf } from '../services/chunk-importer.ts';
import { type ImportPlace, openImportPlace } from '../services/importing.ts';
import { openTestQueue, type TestQueue } from '../services/open-queue.ts';
import { queueKinds } from '../services/queues.ts';
import { waitFor } from '../services/wait-for.ts';

async function runExample(name: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const path = resolve(import.meta.dirname, '../../examples', name);
  const child = spawn(process.execPath, [path, ...args], { env: { PATH: process.env.PATH, ...env } });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = await once(child, 'close');
  return { code, output: Buffer.concat(chunks).toString('utf8') };
}

describe.each(queueKinds)('Programs that import over the queue in %s', (kind) => {
  let place: ImportPlace;

  beforeAll(async () => {
    place = await openImportPlace(kind);
    await place.startWorker();
  });

  afterAll(() => place.close());

  test('When a program calls enqueueImport, then its customers are created, once, and it is told of those that failed', async () => {
    const output =
      '1001: fault 400: Wrong value of web_password: must have 8 or more characters; ' +
      'Wrong value of web_password: must contain a digit\nOK 1000 created, 1 failed\n';
    expect(await runExample('enqueue-import.mjs', ['one'], place.settings)).toEqual({ code: 0, output });
    expect(await runExample('enqueue-import.mjs', ['two'], place.settings)).toEqual({ code: 0, output });
    expect(await place.countNamed('Bulk')).toBe(1000);
  });

  test.runIf(kind === 'redis')('When a program knows nothing but BullMQ, then its customers are created', async () => {
    const run = (...args: readonly string[]) => runExample('foreign-producer.mjs', args, place.settings);
    expect(await run()).toEqual({ code: 0, output: 'OK 1 created, 0 failed\n' });
    place.write(
      'two.ndjson',
      `${JSON.stringify(rowOf('Foreign 2'))}\n\n${JSON.stringify(rowOf('Foreign 3', { x: 1 }))}`,
    );
    const settings = { ...place.settings, IMPORT_ID: 'foreign-2' };
    expect(await runExample('foreign-producer.mjs', [place.path('two.ndjson')], settings)).toEqual({
      code: 0,
      output: 'OK 1 created, 1 failed\n',
    });
    expect(await place.db('import_failures').where({ import_id: 'foreign-2' })).toMatchObject([
      { line: 3, code: 400, text: 'Unknown parameter x' },
    ]);
    place.write('null.ndjson', 'null');
    expect(await run(place.path('null.ndjson'))).toEqual({
      code: 1,
      output: 'refused: The job does not follow its schema; job/rows/0/params must be object\n',
    });
  });
});

describe.each(queueKinds)('What foreign producers put into the queue in %s', (kind) => {
  let queue: TestQueue;
  let add: (job: object, isDone?: () => Promise<boolean>) => Promise<unknown>;
  let jobs = 0;

  beforeAll(async () => {
    queue = await openTestQueue(kind);
    const producer = queue.openImports();
    queue.consumeImports(createTestImporter(queue.db));
    add = async (job, isDone = async () => true) => {
      jobs += 1;
      const id = `foreign-${jobs}`;
      await producer.add(id, job);
      await waitFor(isDone, 30_000);
      await waitFor(async () => (await producer.state(id)).state !== 'unfinished');
      return producer.state(id);
    };
  });

  afterAll(() => queue.close());

  const row = { line: 1, params: rowOf('Never') };
  const job = { version: 1, import_id: 'foreign', chunk: 1, rows: [row] };
  const deep = JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`);

  const refused: readonly (readonly [what: string, job: object, reason: string])[] = [
    ['nothing', {}, 'job must have required property'],
    ['another version', { ...job, version: 2 }, 'job/version must be equal to constant'],
    ['no rows', { ...job, rows: [] }, 'job/rows must NOT have fewer than 1 items'],
    ['rows that are none', { ...job, rows: 'x' }, 'job/rows must be array'],
    [
      'too many rows',
      { ...job, rows: Array.from({ length: 1001 }, (_, n) => ({ line: n + 1, params: {} })) },
      'job/rows must NOT have more',
    ],
    ['params null', { ...job, rows: [{ line: 1, params: null }] }, 'job/rows/0/params must be object'],
    ['params that are a list', { ...job, rows: [{ line: 1, params: [] }] }, 'job/rows/0/params must be object'],
    ['a line of text', { ...job, rows: [{ ...row, line: '1' }] }, 'job/rows/0/line must be integer'],
    ['a key with a space', { ...job, rows: [{ ...row, key: 'a b' }] }, 'job/rows/0/key must match pattern'],
    ['a line twice', { ...job, rows: [row, row] }, 'job/rows must have different lines: 1 stands there twice'],
    ['sealed garbage', { ...job, sealed: 'garbage' }, 'job/sealed cannot be opened'],
    ['an unknown member', { ...job, reply_to: 'x' }, 'job must NOT have additional properties'],
  ];

  test.each(refused)(
    'When a job has %s, then it fails with the reason, and its passwords are gone',
    async (_, wrong, reason) => {
      const state = await add(wrong);
      expect(state).toMatchObject({
        state: 'failed',
        reason: expect.stringContaining(`The job does not follow its schema\n${reason}`),
      });
      expect(await queue.dump()).not.toContain('correct7horse');
    },
  );

  test('When values are of wrong types, then rows fail with their reasons, and the good one is created', async () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`unknown_${n}`, n]));
    const rows = [
      { line: 1, params: rowOf('Foreign good') },
      { line: 2, params: rowOf('Foreign 2', { balance: {}, i_routing_group: [1], city: true }) },
      { line: 3, params: { name: 5, web_password: 12345678, i_tariff: true } },
      { line: 4, params: { ...rowOf('Foreign 4'), ...many } },
      { line: 5, params: rowOf('Foreign 5', { i_wholesaler: 'root', description: '\u0001' }) },
      { line: 6, params: { name: { toString: 1 }, web_password: [], web_password_hash: {} } },
      { line: 7, params: rowOf('Foreign 7', { city: deep }) },
      { line: 8, params: rowOf('Foreign 8', { i_wholesaler: -1 }) },
      { line: 9, params: rowOf('Foreign 9', { i_wholesaler: 1e300, balance: 1e308 }) },
    ];
    expect(await add({ ...job, import_id: 'types', rows })).toMatchObject({
      state: 'finished',
      result: { created: 1, failed: 8 },
    });
    const failures = await queue.db('import_failures').where({ import_id: 'types' }).orderBy('line');
    const firsts = failures.map(({ line, code, text }) => `${line} ${code} ${text.split('\n')[0]}`);
    expect(firsts).toEqual([
      '2 400 Wrong value of balance: must be a single value, not a struct',
      expect.stringMatching(/^3 400 /),
      '4 400 Unknown parameter unknown_0',
      expect.stringMatching(/^5 400 Wrong value of i_wholesaler/),
      expect.stringMatching(/^6 (400|410) /),
      '7 400 Wrong value of city: must be a single value, not an array',
      expect.stringMatching(/^8 400 Wrong value of i_wholesaler/),
      expect.stringMatching(/^9 400 Wrong value of/),
    ]);
    expect(failures[2]?.text.split('\n')).toHaveLength(1000);
    expect(await queue.db('customers').where('name', 'like', 'Foreign%').pluck('name')).toEqual(['Foreign good']);
  });

  test('When the queue cannot carry a chunk, then its producer is told that it is no outage', async () => {
    const producer = queue.openProducer();
    const deeper = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    const chunk = chunkOf([rowOf('Never', { city: deeper })]);
    await expect(producer.add(chunk)).rejects.toThrow(RangeError);
    const half = chunkOf([rowOf('Never', { city: '\0' })]);
    if (kind === 'postgres') await expect(producer.add(half)).rejects.toMatchObject({ code: '22P05' });
  });

  test('When hundreds of rows have a thousand unknown members each, then other chunks still come through', async () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`u${n}_web_passwrd`, n]));
    const rows = Array.from({ length: 300 }, (_, n) => ({ line: n + 1, params: many }));
    // Whoever asks the queue is given the job each time, with all of its megabytes.
    const isDone = async () => (await queue.db('import_chunks').where({ import_id: 'flood' })).length > 0;
    expect(await add({ ...job, import_id: 'flood', rows }, isDone)).toMatchObject({
      state: 'finished',
      result: { failed: 300 },
    });
    const kept = await queue.db('import_failures').where({ import_id: 'flood' }).count('* as rows').max('line as last');
    expect(kept).toEqual([{ rows: '300', last: 300 }]);
  });

  test('When jobs do not say how long they are kept, then about 100 that failed are, and those that say more', async () => {
    const imports = queue.openForeignImports();
    const failed = async () => (await imports.getJobCounts('failed')).failed ?? 0;
    await imports.addBulk(Array.from({ length: 120 }, () => ({ name: 'import', data: {} })));
    await waitFor(async () => (await imports.getJobCountByTypes('waiting', 'active')) === 0);
    // Two that fail at the same moment do not see each other.
    const kept = await failed();
    expect([100, 101]).toContain(kept);
    await imports.addBulk(
      Array.from({ length: 5 }, () => ({ name: 'import', data: {}, opts: { removeOnFail: false } })),
    );
    await waitFor(async () => (await imports.getJobCountByTypes('waiting', 'active')) === 0);
    expect(await failed()).toBe(kept + 5);
  });

  test('When passwords are in clear, then they are sealed while the job is kept', async () => {
    const rows = [{ line: 1, params: { ...rowOf('Foreign clear'), web_password: 'Clear-Web-Secret-1' } }];
    expect(await add({ ...job, import_id: 'clear', rows })).toMatchObject({ state: 'finished' });
    const dump = await queue.dump();
    expect(dump).toContain('Foreign clear');
    expect(dump).not.toContain('Clear-Web-Secret-1');
  });
});
