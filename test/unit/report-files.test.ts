import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openReports } from '../../bulk-import/report-files.ts';

const source = { form: { format: 'csv', delimiter: ',', hasMark: false }, header: ['name'] } as const;
const outcome = { created: [{ line: 2, name: 'A', i_customer: 7, ageMs: 0 }], passed: 0, failed: [] };
const says = /created.csv was changed by another program meanwhile: run one import of a file at a time/;

describe('Reports of an import', () => {
  let folder: string;
  let createdPath: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'createcustomer-reports-'));
    createdPath = join(folder, 'created.csv');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const openThem = () => openReports({ createdPath, failedPath: join(folder, 'failed.csv'), source });

  test('When another run begins the same reports, then the first ends and the second has whole ones', async () => {
    const first = await openThem();
    await first.write(outcome);
    const second = await openThem();
    await expect(first.write(outcome)).rejects.toThrow(says);
    await second.write(outcome);
    await Promise.all([first.close(), second.close()]);
    expect(readFileSync(createdPath, 'utf8')).toBe('line,name,i_customer\n2,A,7\n');
  });

  test.each([
    ['created.csv', 'line,name,i_customer\n2,A,7\n'],
    ['failed.csv', 'name,line,code,message\n'],
    ['failed.csv', '\ufeffFull Name;line;code;message\r\n'],
    ['failed.csv', '{"name":"A","line":1,"code":400,"message":"x"}\n{"a":1}\n'],
    ['failed.csv', `{"css":"${'x'.repeat(100_000)}","line":1,"code":400,"message":"x"}\n`],
    ['failed.csv', ''],
  ])('When %s is an earlier report (%.40j), then it is begun anew', async (name, content) => {
    writeFileSync(join(folder, name), content);
    await (await openThem()).close();
    expect(readFileSync(createdPath, 'utf8')).toBe('line,name,i_customer\n');
  });

  test.each(['name,web_password\nA,x\n', '{"name":"A","line":1}\n', '\0\0', 'online,code,message\n'])(
    'When another file is in its place (%j), then that is left alone',
    async (content) => {
      writeFileSync(createdPath, content);
      await expect(openThem()).rejects.toThrow(/created.csv is there already and is no report of an import/);
      expect(readFileSync(createdPath, 'utf8')).toBe(content);
    },
  );

  test('When chunks end side by side, then all of them are reported', async () => {
    const reports = await openThem();
    await Promise.all(Array.from({ length: 50 }, () => reports.write(outcome)));
    await reports.close();
    expect(readFileSync(createdPath, 'utf8')).toBe(`line,name,i_customer\n${'2,A,7\n'.repeat(50)}`);
  });

  test.each([
    ['moved away', () => renameSync(createdPath, `${createdPath}.old`)],
    ['removed', () => rmSync(createdPath)],
    ['written by somebody', () => writeFileSync(createdPath, 'mended')],
  ])('When a report is %s meanwhile, then the import ends rather than lose lines', async (_, change) => {
    const reports = await openThem();
    change();
    await expect(reports.write(outcome)).rejects.toThrow(says);
    await reports.close();
  });
});
