import { describe, expect, it } from 'vitest';
import { type Cell, cellText, createTable, jsonLine } from '../../cli/print-table.ts';

function tableOf(...pages: readonly (readonly (readonly Cell[])[])[]): readonly string[] {
  const lines: string[] = [];
  const columns = ['id', 'name', 'more'].map((heading, at) => [heading, (row: readonly Cell[]) => row[at]] as const);
  const printRows = createTable(columns, (line) => lines.push(line));
  for (const page of pages) printRows(page);
  return lines;
}

describe('A table', () => {
  it('aligns its columns under their headings, numbers at the right, and ends no line with spaces', () => {
    const rows = [
      [1, 'root', 'a'],
      [1234, 'Reseller', null],
    ];
    expect(tableOf(rows)).toEqual(['  id  name      more', '   1  root      a', '1234  Reseller  -']);
  });

  it('has its headings once, however many pages there are, and grows where a later page is wider', () => {
    const lines = tableOf([[1, 'a', 'x']], [[2, 'longer', 'x']], [[3, 'b', 'x']]);
    expect(lines).toEqual(['id  name  more', ' 1  a     x', ' 2  longer  x', ' 3  b       x']);
  });

  it('counts what a terminal shows: ideographs are two wide, combining accents nothing', () => {
    expect(
      tableOf([
        [1, '王', 'x'],
        [2, 'e\u0301', 'x'],
        [3, 'wide', 'x'],
      ]).slice(1),
    ).toEqual([' 1  王    x', ' 2  e\u0301     x', ' 3  wide  x']);
  });
});

describe('A cell', () => {
  it('is shown as people read it', () => {
    const cells: readonly Cell[] = [true, false, null, undefined, '', 0, new Date(0)];
    expect(cells.map(cellText)).toEqual(['yes', 'no', '-', '-', '-', '0', '1970-01-01T00:00:00Z']);
  });

  it('gives no terminal an order: control characters become spaces', () => {
    expect(cellText('a\u001b[2Jb\r\nc\u009bd\u2028e\u202ef\u2066g')).toBe('a [2Jb c d e f g');
    expect(jsonLine({ a: '\u001b\u009b\u2028' })).toBe('{"a":"\\u001b\\u009b\\u2028"}');
    expect(JSON.parse(jsonLine({ a: '\u001b\u009b\u2028' }))).toEqual({ a: '\u001b\u009b\u2028' });
  });
});
