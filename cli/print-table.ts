/** What stands in a cell: null is shown as "-", a boolean as yes or no, a time to the second. */
export type Cell = string | number | boolean | Date | null | undefined;

/** A column: its heading, and what a row has there. */
export type Column<Row> = readonly [heading: string, cell: (row: Row) => Cell];

const gap = '  ';
const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60]/u;
const unseen = /[\p{M}\p{Cf}]/u;

/** What a terminal would obey instead of showing it: control characters, and those that turn the direction of writing. */
const orders = /[\p{Cc}\u2028-\u202e\u2066-\u2069]+/gu;

/** How many columns of a terminal a text takes: an ideograph takes two, an accent that stands alone none. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (wide.test(character)) width += 2;
    else if (!unseen.test(character)) width += 1;
  }
  return width;
}

/** A cell as text on one line. What a terminal would obey becomes a space. */
export function cellText(cell: Cell): string {
  if (cell === null || cell === undefined || cell === '') return '-';
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  if (cell instanceof Date) return cell.toISOString().replace(/\.\d+Z$/, 'Z');
  return String(cell).replace(orders, ' ');
}

/**
 * Makes a table that is printed page by page, with headings before the first. Columns are as wide as their widest cell so
 * far; numbers stand at the right.
 */
export function createTable<Row>(columns: readonly Column<Row>[], print: (line: string) => void) {
  const widths = columns.map(([heading]) => widthOf(heading));
  const numeric = columns.map(() => false);
  let begun = false;

  function line(texts: readonly string[]): string {
    const cells = texts.map((text, at) => {
      const space = ' '.repeat(Math.max(0, (widths[at] ?? 0) - widthOf(text)));
      return numeric[at] ? space + text : text + space;
    });
    return cells.join(gap).trimEnd();
  }

  function measure(rows: readonly Row[]): readonly (readonly string[])[] {
    return rows.map((row) =>
      columns.map(([, cell], at) => {
        const value = cell(row);
        const text = cellText(value);
        widths[at] = Math.max(widths[at] ?? 0, widthOf(text));
        if (typeof value === 'number') numeric[at] = true;
        return text;
      }),
    );
  }

  return function printRows(rows: readonly Row[]): void {
    const texts = measure(rows);
    if (!begun) print(line(columns.map(([heading]) => heading)));
    begun = true;
    for (const cells of texts) print(line(cells));
  };
}

/** A value as one line of JSON; what a terminal would obey, and JSON leaves as it is, becomes an escape. */
export function jsonLine(value: unknown): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, escaped);
}
