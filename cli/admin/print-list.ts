import { type Column, createTable, jsonLine } from '../print-table.ts';
import { allSaid, say } from '../say.ts';

/** How a list is shown: as lines of JSON, or as a table; `none` is said where a table would have no row. */
export interface Listing<Row> {
  readonly columns: readonly Column<Row>[];
  readonly json: boolean | undefined;
  readonly none: string;
}

/**
 * Prints a list, page by page as it comes and not faster than it is read. It ends early when whoever reads the output has
 * gone.
 */
export async function printList<Row>(
  pages: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>,
  { columns, json, none }: Listing<Row>,
): Promise<void> {
  const printRows = createTable(columns, say);
  let rows = 0;
  let isGone = false;
  process.stdout.once('error', () => {
    isGone = true;
  });
  for await (const page of pages) {
    if (isGone) return;
    rows += page.length;
    if (json) for (const row of page) say(jsonLine(row));
    else if (page.length > 0) printRows(page);
    await allSaid();
  }
  if (rows === 0 && !json) say(none);
}
