/**
 * Reads rows page by page, so that a large table does not fill memory. `readPage` gives the rows that follow `after`, the last
 * row of the page before (undefined at the start), at most `pageRows` of them; a shorter page is the last.
 */
export async function* readPages<Row>(
  pageRows: number,
  readPage: (after: Row | undefined) => Promise<readonly Row[]>,
): AsyncGenerator<readonly Row[]> {
  let after: Row | undefined;
  for (;;) {
    const rows = await readPage(after);
    if (rows.length > 0) yield rows;
    if (rows.length < pageRows) return;
    after = rows.at(-1);
  }
}
