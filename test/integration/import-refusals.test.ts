import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goodRows, type ImportPlace, openImportPlace } from '../services/importing.ts';

const set = ['--set', 'i_tariff=1'];

describe('createcustomer import refuses before anything is enqueued', () => {
  let place: ImportPlace;

  beforeAll(async () => {
    place = await openImportPlace('postgres');
    mkdirSync(place.path('folder'));
    execFileSync('sh', ['-c', 'mkfifo pipe'], { cwd: place.folder });
    place.write('data.csv', 'Miller,secret,1\nSmith,secret,1\n');
    place.write('good.csv', goodRows('Refused', 1));
  });

  afterAll(() => place.close());

  const refusals: readonly (readonly [what: string, args: readonly string[], says: string | RegExp])[] = [
    ['there is no such file', ['missing.csv'], 'There is no file missing.csv.'],
    ['its folder is a file', ['good.csv/x'], 'There is no file good.csv/x.'],
    [
      'it is a pipe',
      ['pipe', ...set],
      'pipe is no file that can be read twice: give it as standard input, import - < pipe',
    ],
    ['it is a device', ['/dev/stdin', ...set], /^\/dev\/stdin is no file that can be read twice/],
    ['it is a folder', ['folder'], 'folder is a folder: name a file.'],
    ['it has no header', ['data.csv'], /^Unknown parameter Miller\nUnknown parameter secret\n.*\nUse --map/],
    ['--set has no value', ['good.csv', '--set', 'i_tariff'], '--set "i_tariff" must have the form LEFT=RIGHT.'],
    ['--set names two', ['good.csv', ...set, ...set], '--set names "i_tariff" twice.'],
    ['--rate is no number', ['good.csv', '--rate', 'fast'], /^--rate must be a whole number/],
    ['--delimiter is a word', ['good.csv', '--delimiter', 'ab'], /^--delimiter must be one character/],
    ['--import-id has a space', ['good.csv', '--import-id', 'a b'], /^The import id must have/],
    [
      'a report is the file itself',
      ['good.csv', ...set, '--failed', './good.csv'],
      /good.csv is what is to be imported/,
    ],
    ['both reports are one', ['good.csv', ...set, '--failed', 'x', '--created', 'x'], /must be two files/],
    [
      'a report has no folder',
      ['good.csv', ...set, '--failed', 'none/x'],
      /^none\/x cannot be written: there is no such/,
    ],
    ['a report is a folder', ['good.csv', ...set, '--failed', 'folder'], /^folder cannot be written: it is a folder/],
    [
      'the disk is full',
      ['good.csv', ...set, '--created', '/dev/full'],
      '/dev/full cannot be written: the disk is full: make room, or',
    ],
  ];

  test.each(refusals)('When %s, then it says so and the exit code is 1', async (_, args, says) => {
    const { code, stderr } = await place.run(args);
    expect(stderr).toEqual(expect.stringMatching(says));
    expect(code).toBe(1);
    expect(await place.db('import_chunks')).toEqual([]);
  });

  test('When there is only a header, then nothing is to be done', async () => {
    place.write('header.csv', 'name,web_password,i_tariff\n');
    expect(await place.run(['header.csv'])).toMatchObject({ code: 0, stdout: expect.stringContaining(': 0 rows in ') });
  });
});
