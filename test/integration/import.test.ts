import { statSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { csv, goodRows, type ImportPlace, openImportPlace, summaryOf } from '../services/importing.ts';
import { queueKinds } from '../services/queues.ts';

const bcrypt = `$2b$12$${'a'.repeat(53)}`;
const set = ['--set', 'i_tariff=1'];

describe.each(queueKinds)('createcustomer import over the queue in %s', (kind) => {
  let place: ImportPlace;

  beforeAll(async () => {
    place = await openImportPlace(kind);
    await place.startWorker();
  });

  afterAll(() => place.close());

  test('When all rows are good, then all are created and the exit code is 0', async () => {
    place.write('good.csv', goodRows('Good', 3));
    const { code, stdout } = await place.run(['good.csv', ...set]);
    expect(stdout).toMatch(
      /^Import [0-9a-f]{24}: 3 rows in .*\n {2}created {2}3 {2}good.csv.created.csv\n {2}failed {3}0 /,
    );
    expect(code).toBe(0);
    const created = place.rows('good.csv.created.csv');
    expect(created.map(({ line, name }) => [line, name])).toEqual([
      ['2', 'Good 0'],
      ['3', 'Good 1'],
      ['4', 'Good 2'],
    ]);
    const [row] = await place.db('customers').where({ name: 'Good 1' });
    expect(created[1]?.i_customer).toBe(String(row.i_customer));
    expect(place.read('good.csv.failed.csv')).toBe('name,web_password,line,code,message\n');
    for (const report of ['good.csv.created.csv', 'good.csv.failed.csv']) {
      expect(statSync(place.path(report)).mode & 0o777).toBe(0o600);
    }
  });

  const mistakes: readonly (readonly [name: string, password: string, tariff: string, more: string, reason: RegExp])[] =
    [
      ['', 'correct7horse', '1', '', /^410 .*name is required/],
      ['Bad B', '', '1', '', /^410 .*web_password is required/],
      ['Bad C', 'correct7horse', '', '', /^410 .*i_tariff is required/],
      ['Bad D', 'short', '1', '', /^400 Wrong value of web_password.*; /],
      ['Bad E', 'correct7horse', '99', '', /^401 Wrong i_tariff$/],
      ['root', 'correct7horse', '1', '', /^409 name is already in use/],
      ['Bad G', 'correct7horse', 'one', '', /^400 Wrong value of i_tariff/],
      ['Bad H', 'correct7horse', '1', '12,50', /^400 Wrong value of balance/],
      [' Bad I ', 'correct7horse', '1', '', /^400 Wrong value of name/],
      ['Mix 1', 'correct7horse', '1', '', /^409 name is already in use/],
    ];

  test('When every tenth row is bad, then it is reported with its reason, and the mended file creates the rest', async () => {
    const rows = Array.from({ length: 100 }, (_, n) => {
      const mistake = n % 10 === 9 ? mistakes[Math.floor(n / 10)] : undefined;
      return mistake ? mistake.slice(0, 4) : [`Mix ${n}`, 'correct7horse', '1', ''];
    });
    place.write('mix.csv', csv('name,web_password,i_tariff,balance', rows));
    const first = await place.run(['mix.csv', '--json']);
    expect(first.code).toBe(2);
    expect(summaryOf(first)).toMatchObject({ event: 'summary', read: 100, accepted: 100, created: 90, failed: 10 });
    const failed = place.rows('mix.csv.failed.csv');
    expect(failed.map(({ line }) => Number(line))).toEqual(mistakes.map((_, n) => 11 + 10 * n));
    for (const [n, [name, password, , , reason]] of mistakes.entries()) {
      expect(failed[n]).toMatchObject({ name, web_password: password });
      expect(`${failed[n]?.code} ${failed[n]?.message}`).toMatch(reason);
    }
    expect(await place.countNamed('Mix')).toBe(90);

    const mended = failed.map((row, n) => ({
      ...row,
      name: `Mended ${n}`,
      web_password: 'correct7horse',
      balance: '',
    }));
    const header = 'name,web_password,i_tariff,balance,line,code,message';
    place.write(
      'mended.csv',
      csv(
        header,
        mended.map(({ name, web_password, balance, line, code, message }: Record<string, string>) => [
          name,
          web_password,
          '1',
          balance,
          line,
          code,
          message,
        ]),
      ),
    );
    expect(await place.run(['mended.csv'])).toMatchObject({ code: 0 });
    expect(await place.countNamed('Mended')).toBe(10);
    expect(place.read('mended.csv.failed.csv')).toBe('name,web_password,i_tariff,balance,line,code,message\n');
  });

  test('When the same file is imported again, then nothing is created twice and the report says the same', async () => {
    place.write('again.csv', goodRows('Again', 25));
    await place.run(['again.csv', ...set, '--chunk-rows', '10']);
    const before = place.rows('again.csv.created.csv');
    const second = await place.run(['again.csv', ...set, '--json', '--chunk-rows', '7']);
    expect(second.code).toBe(0);
    expect(summaryOf(second)).toMatchObject({ created: 25, created_before: 25, failed: 0 });
    const byLine = (rows: typeof before) => rows.toSorted((a, b) => Number(a.line) - Number(b.line));
    expect(byLine(place.rows('again.csv.created.csv'))).toEqual(byLine(before));
    expect(await place.countNamed('Again')).toBe(25);
  });

  test('When rows have keys of their own, then another file with the same keys creates nothing twice', async () => {
    const content = csv('id,name,web_password', [
      ['crm-1', 'Keyed 1', 'correct7horse'],
      ['crm-2', 'Keyed 2', 'correct7horse'],
      ['', 'Keyed 3', 'correct7horse'],
    ]);
    place.write('keys.csv', content);
    expect(await place.run(['keys.csv', ...set, '--key-column', 'id'])).toMatchObject({ code: 2 });
    expect(place.rows('keys.csv.failed.csv')).toMatchObject([
      { line: '4', message: expect.stringContaining('Wrong value of id') },
    ]);
    place.write(
      'keys2.csv',
      csv('id,name,web_password', [
        ['crm-2', 'Keyed 2', 'correct7horse'],
        ['crm-1', 'Keyed 1', 'another7horse'],
      ]),
    );
    const second = await place.run(['keys2.csv', ...set, '--key-column', 'id', '--json']);
    expect(summaryOf(second)).toMatchObject({ created: 1, created_before: 1, failed: 1 });
    expect(place.rows('keys2.csv.failed.csv')).toMatchObject([{ line: '3', code: '409' }]);
    expect(await place.countNamed('Keyed')).toBe(2);
  });

  test('When it is a dry run, then everything is checked, twins in the file too, and nothing is kept', async () => {
    place.write(
      'dry.csv',
      csv('name,web_password', [
        ['Dry 1', 'correct7horse'],
        ['Dry 1', 'correct7horse'],
        ['root', 'correct7horse'],
        ['Dry 2', 'x'],
      ]),
    );
    const args = ['dry.csv', ...set, '--dry-run', '--chunk-rows', '1'];
    const { code, stdout } = await place.run(args);
    expect(stdout).toMatch(/^Dry run of import \w+, nothing was created: 4 rows/);
    expect(code).toBe(2);
    expect(place.rows('dry.csv.failed.csv').map(({ line, message }) => [line, message?.split(';')[0]])).toEqual([
      ['3', 'name is already in use'],
      ['4', 'name is already in use'],
      ['5', 'Wrong value of web_password: must have 8 or more characters'],
    ]);
    expect(place.has('dry.csv.created.csv')).toBe(false);
    expect(await place.countNamed('Dry')).toBe(0);
    expect(await place.db('import_claims')).toEqual([]);
    expect(await place.run(args)).toMatchObject({ code: 2 });
    expect(await place.run(['dry.csv', ...set])).toMatchObject({ code: 2 });
    const third = await place.run([...args, '--json']);
    expect(summaryOf(third)).toMatchObject({ dry_run: true, created: 1, failed: 3 });
  });

  test('When NDJSON comes gzipped over standard input, then it is imported under the id that is given', async () => {
    const lines = [
      { name: 'Json 1', web_password: 'correct7horse', balance: 12.5, callshop_enabled: true },
      { name: 'Json 2', web_password_hash: bcrypt, i_tariff: null },
      { name: 'Json 3', web_password: 'correct7horse', city: ['x'] },
    ].map((row) => JSON.stringify({ i_tariff: 1, ...row }));
    const input = gzipSync(`\ufeff${[lines[0], '', lines[1], 'no json', '[1]', lines[2]].join('\r\n')}`);
    const { code, stderr } = await place.run(['-', '--import-id', 'from-stdin'], input);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    const failed = place
      .read('import-from-stdin.failed.ndjson')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(failed).toEqual([
      { text: 'no json', line: 4, code: 400, message: 'The line is no JSON' },
      { text: '[1]', line: 5, code: 400, message: 'The line is no JSON object' },
      { ...JSON.parse(lines[2] ?? ''), line: 6, code: 400, message: expect.stringContaining('must be a single value') },
    ]);
    const [hashed] = await place.db('customers').where({ name: 'Json 2' });
    expect(hashed.web_password_hash).toBe(bcrypt);
    expect(await place.countNamed('Json')).toBe(2);
  });

  test('When standard input has no id, then one is made and the command that goes on is told', async () => {
    const { code, stderr, stdout } = await place.run(
      ['-', ...set, '--max-errors', '0', '--chunk-rows', '1', '--concurrency', '1'],
      `${goodRows('root', 1).replace('root 0', 'root')}Never read,correct7horse\n`,
    );
    expect(code).toBe(1);
    const id = /--import-id (\w{12}) it can be resumed/.exec(stderr)?.[1];
    expect(stdout).toContain('Stopped: more than 0 rows have failed.');
    expect(stdout).toContain(
      `  createcustomer import - --set i_tariff=1 --max-errors 0 --chunk-rows 1 --concurrency 1 --import-id ${id}\n`,
    );
    expect(await place.countNamed('Never read')).toBe(0);
  });

  test('When rows are ragged or their quotes are wrong, then they alone fail', async () => {
    place.write(
      'ragged.csv',
      'name,web_password,city\nRagged 1,correct7horse\nRagged 2,correct7horse,a,b\n"Ragged "3",correct7horse,a\nRagged 5" nail,correct7horse,a\n"Ragged\n6",correct7horse,a\n\nRagged 7,correct7horse,a\n',
    );
    expect(await place.run(['ragged.csv', ...set])).toMatchObject({ code: 2 });
    expect(place.rows('ragged.csv.created.csv').map(({ line, name }) => [line, name])).toEqual([
      ['5', 'Ragged 5" nail'],
      ['9', 'Ragged 7'],
    ]);
    expect(place.read('ragged.csv.failed.csv').split('\n').slice(1, 5)).toEqual([
      'Ragged 1,correct7horse,,2,400,"The row has 2 cells, the header has 3"',
      'Ragged 2,correct7horse,a,3,400,"The row has 4 cells, the header has 3",b',
      '"""Ragged ""3""",correct7horse,a,4,400,A quote stands in the middle of a quoted cell: write it twice',
      '"Ragged',
    ]);
  });

  test('When columns have other names, then they are mapped, set and ignored, also with semicolons and a mark', async () => {
    place.write('map.csv', '\ufeffFull Name;web_password;Notes;parent\r\n"Mapped; 1";correct7horse;x;1\r\n');
    const args = [
      'map.csv',
      ...set,
      '--map',
      'Full Name=name',
      '--map',
      'parent=i_wholesaler',
      '--ignore',
      'Notes',
      '--set',
      'city=Köln',
    ];
    expect(await place.run(args)).toMatchObject({ code: 0 });
    expect(await place.db('customers').where({ name: 'Mapped; 1' }).select('city', 'i_wholesaler')).toEqual([
      { city: 'Köln', i_wholesaler: 1 },
    ]);
    expect(place.read('map.csv.failed.csv')).toBe('\ufeffFull Name;web_password;Notes;parent;line;code;message\n');
  });

  test('When rows are held back, then it takes as long as that', async () => {
    place.write('rate.csv', goodRows('Rate', 6));
    const started = performance.now();
    const end = await place.run(['rate.csv', ...set, '--rate', '3', '--json']);
    expect(summaryOf(end)).toMatchObject({ created: 6 });
    expect(performance.now() - started).toBeGreaterThan(1000);
    expect(end.stdout.trim().split('\n').length).toBeGreaterThan(1);
    for (const line of end.stdout.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('event');
  });
});
