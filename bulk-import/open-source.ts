import { checkUtf8 } from './check-utf8.ts';
import { findForm, type GivenForm, isHeadComplete } from './find-form.ts';
import { ImportProblem } from './import-problem.ts';
import { chain, readHead, unpack } from './read-bytes.ts';
import { type CsvRow, readCsv } from './read-csv.ts';
import { readNdjson } from './read-ndjson.ts';
import { refuseOtherFiles } from './refuse-other-files.ts';
import type { OpenedSource, SourceRecord } from './source-record.ts';

/** Some spreadsheets read the separator from a first line of this form. */
const separatorLine = /^sep=/i;

function requireHeader(header: readonly string[]): void {
  if (separatorLine.test(header[0] ?? '')) {
    throw new ImportProblem(
      'The first line is for spreadsheets alone (sep=): take it out, so that the header comes first.',
    );
  }
  const unnamed = header.indexOf('');
  if (unnamed !== -1)
    throw new ImportProblem(`Column ${unnamed + 1} has no name in the header: give it one, or take it out.`);
  const twice = header.find((name, column) => header.indexOf(name) !== column);
  if (twice !== undefined)
    throw new ImportProblem(`The header has the column ${JSON.stringify(twice)} twice: rename one, or take it out.`);
}

function problemOf({ cells, isBroken }: CsvRow, columns: number): string | undefined {
  if (isBroken) return 'A quote stands in the middle of a quoted cell: write it twice';
  if (cells.length === columns) return undefined;
  return `The row has ${cells.length} cells, the header has ${columns}`;
}

function toRecord(row: CsvRow, header: readonly string[]): SourceRecord {
  const { line, cells } = row;
  const values = Object.fromEntries(header.map((name, column) => [name, cells[column] ?? '']));
  const problem = problemOf(row, header.length);
  if (problem === undefined) return { line, values };
  return { line, values, problem, surplus: cells.slice(header.length) };
}

async function* toRecords(rows: AsyncIterator<CsvRow>, header: readonly string[]): AsyncGenerator<SourceRecord> {
  for (let next = await rows.next(); !next.done; next = await rows.next()) yield toRecord(next.value, header);
}

/**
 * Opens a source of rows: CSV or NDJSON, gzipped or not, as its first bytes show. Rows are read when they are asked for.
 * @throws ImportProblem when it has no rows, or is no such source; later also while rows are read
 */
export async function openSource(source: AsyncIterable<Buffer>, given: GivenForm = {}): Promise<OpenedSource> {
  const bytes = checkUtf8(refuseOtherFiles(unpack(source)));
  const head = await readHead(bytes, isHeadComplete);
  if (head.toString('latin1').trim() === '') throw new ImportProblem('There is nothing to import: the input is empty.');
  const form = findForm(head, given);
  if (form.format === 'ndjson') return { form, header: undefined, records: readNdjson(chain(head, bytes)) };
  const hasLineFeeds = head.includes('\n') || !head.includes('\r');
  const rows = readCsv(chain(head, bytes), { delimiter: form.delimiter, hasLineFeeds });
  const first = await rows.next();
  const header = (first.value?.cells ?? []).map((name: string) => name.trim());
  requireHeader(header);
  return { form, header, records: toRecords(rows, header) };
}
