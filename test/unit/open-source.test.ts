import { gzipSync } from 'node:zlib';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GivenForm } from '../../bulk-import/find-form.ts';
import { openSource } from '../../bulk-import/open-source.ts';
import type { SourceRecord } from '../../bulk-import/source-record.ts';

/** The bytes in pieces of this size, as a slow disk or a pipe may bring them. */
async function* pieces(content: string | Buffer, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(content as string);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(content: string | Buffer, given: GivenForm = {}, size = 65_536) {
  const { form, header, records } = await openSource(pieces(content, size), given);
  const all: SourceRecord[] = [];
  for await (const record of records) all.push(record);
  return { form, header, records: all };
}

function linesOf({ records }: Awaited<ReturnType<typeof read>>) {
  return records.map(({ line, values, problem }) => [line, ...Object.values(values), ...(problem ? [problem] : [])]);
}

describe('Reading CSV', () => {
  test.each([
    ['commas', 'a,b\n1,2\n', ','],
    ['semicolons', 'a;b\n1;2\n', ';'],
    ['tabs', 'a\tb\n1\t2\n', '\t'],
    ['a comma in quotes in the header', '"x,y,z";b\n1;2\n', ';'],
    ['one column', 'a\n1\n', ','],
  ])('When the header has %s, then the delimiter is found', async (_, content, delimiter) => {
    expect((await read(content)).form).toMatchObject({ format: 'csv', delimiter });
  });

  test('When a delimiter is given, then it counts, also before a brace', async () => {
    expect(linesOf(await read('{a|b,c\n1|2,3\n', { delimiter: '|' }))).toEqual([[2, '1', '2,3']]);
    expect((await read('{a\n1\n', { format: 'csv' })).header).toEqual(['{a']);
  });

  test.each([
    ['LF', 'a,b\n1,2\n\n3,4'],
    ['CRLF', 'a,b\r\n1,2\r\n\r\n3,4\r\n'],
    ['CR', 'a,b\r1,2\r\r3,4\r'],
    ['both', 'a,b\r\n1,2\n\r\n3,4\n'],
  ])('When lines end with %s, then rows are told by the physical lines where they begin', async (_, content) => {
    for (const size of [1, 2, 3, 100]) {
      expect(linesOf(await read(content, {}, size))).toEqual([
        [2, '1', '2'],
        [4, '3', '4'],
      ]);
    }
  });

  test('When a row has nothing but empty cells, as spreadsheets leave them, then it is no row', async () => {
    expect(linesOf(await read('a,b\n,\n1,\n,,,\n"",\n2,3\n'))).toEqual([
      [3, '1', ''],
      [6, '2', '3'],
    ]);
  });

  test.each(['\n', '\r\n'])(
    'When a cell has line breaks (%j), then the next row begins below all of them',
    async (end) => {
      const content = ['a,b', `"x${end}y${end}${end}z",1`, '"q ""w""",2', '3,"4"'].join(end);
      for (const size of [1, 2, 3, 100]) {
        expect(linesOf(await read(content, {}, size))).toEqual([
          [2, `x${end}y${end}${end}z`, '1'],
          [6, 'q "w"', '2'],
          [7, '3', '4'],
        ]);
      }
    },
  );

  test('When there is a byte order mark, then it is no part of the first name, quoted or not', async () => {
    expect(await read('\ufeff"a",b\n1,2\n')).toMatchObject({ header: ['a', 'b'], form: { hasMark: true } });
    expect(await read('\ufeffa,b\n1,2\n')).toMatchObject({ header: ['a', 'b'], form: { hasMark: true } });
    expect(await read('a,b\n1,2\n')).toMatchObject({ form: { hasMark: false } });
  });

  test('When it is gzipped, in one part or several, then it is unpacked', async () => {
    const packed = Buffer.concat([gzipSync('a,b\n1,'), gzipSync('2\n')]);
    for (const size of [1, 7, 1000]) expect(linesOf(await read(packed, {}, size))).toEqual([[2, '1', '2']]);
  });

  test('When a row is ragged, then it says so, and no cell is lost', async () => {
    const { records } = await read('a,b\n1\n1,2,3,4\n5,6');
    expect(records).toEqual([
      { line: 2, values: { a: '1', b: '' }, problem: 'The row has 1 cells, the header has 2', surplus: [] },
      { line: 3, values: { a: '1', b: '2' }, problem: 'The row has 4 cells, the header has 2', surplus: ['3', '4'] },
      { line: 4, values: { a: '5', b: '6' } },
    ]);
  });

  test('When a quote stands within a cell without quotes, then it is a character', async () => {
    expect(linesOf(await read('a,b\n5" nail,2\nx "y" z,"""w"""\n'))).toEqual([
      [2, '5" nail', '2'],
      [3, 'x "y" z', '"w"'],
    ]);
  });

  test.each(['"abc"def,2', '"Miller, "Bob" Inc",2', '"abc" ,2', '"x\ny"z,2'])(
    'When a quoted cell goes on behind its quote (%j), then the row fails alone',
    async (row) => {
      const { records } = await read(`a,b\n${row}\n3,4\n`);
      expect(records[0]?.problem).toBe('A quote stands in the middle of a quoted cell: write it twice');
      expect(records.at(-1)).toMatchObject({ line: row.includes('\n') ? 4 : 3, values: { a: '3', b: '4' } });
      expect(records.at(-1)?.problem).toBe(undefined);
    },
  );

  test('When a name is that of a prototype, then it is an ordinary column', async () => {
    const { records } = await read('__proto__,constructor\n1,2\n');
    expect(Object.entries(records[0]?.values ?? {})).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });

  test('When a cell has a NUL or is large, then it is read as it is', async () => {
    const large = 'x'.repeat(500_000);
    expect(linesOf(await read(`a,b\n\0,${large}\n`))).toEqual([[2, '\0', large]]);
  });

  test('When it has only a header, then it has no rows', async () => {
    expect(await read('a,b')).toMatchObject({ header: ['a', 'b'], records: [] });
  });
});

describe('Reading what was written', () => {
  const cell = fc.oneof(
    fc.string({ unit: fc.constantFrom('"', ',', ';', '\n', '\r', 'a', ' ', 'ä', '\\') }),
    fc.string(),
  );
  const rows = fc.array(fc.tuple(cell, cell, cell), { maxLength: 8 });

  test('Whatever cells hold, they are read as they were written, and rows are told by the lines where they begin', async () => {
    const property = fc.asyncProperty(
      rows,
      fc.constantFrom(',', ';', '\t'),
      fc.integer({ min: 1, max: 40 }),
      async (...[cells, delimiter, size]) => {
        const written = [['a', 'b', 'c'], ...cells].map((row) => stringify([row], { delimiter, quoted_match: /\r/ }));
        const starts = written.map((_, row) => written.slice(0, row).join('').split('\n').length);
        const { records } = await read(written.join(''), {}, size);
        expect(records).toEqual(cells.map(([a, b, c], row) => ({ line: starts[row + 1], values: { a, b, c } })));
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });
});

describe('Reading NDJSON', () => {
  test('When lines are objects, then each is a row, whatever its line break', async () => {
    const content = '\ufeff{"a":1,"b":null}\r\n\n  {"a":"x\u2028y","b":[1]}  \n{"a":true}';
    for (const size of [1, 5, 1000]) {
      expect(await read(content, {}, size)).toEqual({
        form: { format: 'ndjson' },
        header: undefined,
        records: [
          { line: 1, values: { a: 1, b: null } },
          { line: 3, values: { a: 'x\u2028y', b: [1] } },
          { line: 4, values: { a: true } },
        ],
      });
    }
  });

  test('When a line is no object, then it fails alone, with its text', async () => {
    expect((await read('{"a":1}\n{"a":\n7\n[]\nnull\n{"a":2}')).records).toEqual([
      { line: 1, values: { a: 1 } },
      { line: 2, values: { text: '{"a":' }, problem: 'The line is no JSON' },
      { line: 3, values: { text: '7' }, problem: 'The line is no JSON object' },
      { line: 4, values: { text: '[]' }, problem: 'The line is no JSON object' },
      { line: 5, values: { text: 'null' }, problem: 'The line is no JSON object' },
      { line: 6, values: { a: 2 } },
    ]);
  });
});

describe('A source is refused', () => {
  const refusals: readonly (readonly [what: string, content: string | Buffer, says: string | RegExp])[] = [
    ['it is empty', '', 'There is nothing to import: the input is empty.'],
    ['it is white space', ' \n\n', 'There is nothing to import: the input is empty.'],
    ['a column stands twice', 'a,b,a\n', 'The header has the column "a" twice: rename one, or take it out.'],
    ['a column has no name', 'a,,b\n', 'Column 2 has no name in the header: give it one, or take it out.'],
    ['a quote is not closed', 'a,b\n1,2\n"3\n4,5\n', 'The quote that opens in line 3 is not closed.'],
    ['a row never ends', `a,b\n1,2\n"${'x'.repeat(1_100_000)}`, /^The row of line 3 is longer than 1048576 bytes/],
    ['a line never ends', `{"a":1}\n{"b":"${'x'.repeat(1_100_000)}`, /^Line 2 is longer than 1048576 bytes/],
    ['it is Latin-1', Buffer.from('a,b\n1,2\nM\xfcller,3\n', 'latin1'), /^Line 3 is no UTF-8 text: .* iconv/],
    ['it ends within a character', Buffer.from('a,b\n1,\xc3', 'latin1'), /^Line 2 is no UTF-8 text/],
    ['it is UTF-16', Buffer.from('\ufeffa,b\n', 'utf16le'), /^The file is UTF-16.* iconv -f UTF-16 /],
    ['it is UTF-16 without a mark', Buffer.from('ab,c\n', 'utf16le'), /^The file is UTF-16.* iconv -f UTF-16LE /],
    ['it is big-endian', Buffer.from('ab,c\n', 'utf16le').swap16(), /^The file is UTF-16.* iconv -f UTF-16BE /],
    ['it is a sheet', Buffer.from('504b03041400060008000000ff', 'hex'), /^The file is a spreadsheet .* "CSV UTF-8"/],
    ['it is an old sheet', Buffer.from('d0cf11e0a1b11ae1', 'hex'), /^The file is a spreadsheet/],
    ['it is packed otherwise', Buffer.from('425a68393141592653', 'hex'), /^The file is packed, and not by gzip/],
    ['it is a PDF', '%PDF-1.7\n', /^The file is a PDF/],
    ['its objects are spread', '{\n  "a": 1\n}\n', /^The objects are spread over several lines.* jq -c/],
    ['its first line is for spreadsheets', 'sep=;\na;b\n1;2\n', /^The first line is for spreadsheets alone/],
    ['it is a JSON array', ' [{"a":1}]\n', /^The file is a JSON array.* jq/],
    ['its gzip is cut off', gzipSync('a,b\n1,2\n'.repeat(999)).subarray(0, 40), /^The gzip file is damaged or cut/],
    ['its gzip is damaged', Buffer.concat([gzipSync('a,b\n').subarray(0, 10), Buffer.alloc(50, 7)]), /^The gzip file/],
  ];

  test.each(refusals)('When %s, then it says so', async (_, content, says) => {
    for (const size of [1000, 65_536, 3_000_000]) await expect(read(content, {}, size)).rejects.toThrow(says);
  });

  test.each([1, 2, 3, 5, 1000])(
    'When bytes come %i at a time, then the line that is no UTF-8 is still named',
    async (size) => {
      const content = Buffer.concat([Buffer.from('ä,b\n€,😀\n'), Buffer.from('x,\xfc\n', 'latin1')]);
      await expect(read(content, {}, size)).rejects.toThrow(/^Line 3 is no UTF-8/);
      expect(linesOf(await read('ä,b\n€,😀\n', {}, size))).toEqual([[2, '€', '😀']]);
    },
  );
});
