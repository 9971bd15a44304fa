import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { ImportProblem } from './import-problem.ts';
import { maxRecordBytes } from './source-record.ts';

/** A row of a CSV file, cells as they are written in it. */
export interface CsvRow {
  /** The physical line where it begins. */
  readonly line: number;
  readonly cells: readonly string[];
  /** True when a quote stands where none may: what the cells are is a guess. */
  readonly isBroken: boolean;
}

const lineBreaks = ['\r\n', '\n'];

/** Old spreadsheets end lines with a carriage return alone. */
const oldLineBreaks = ['\r'];

function optionsOf(delimiter: string, hasLineFeeds: boolean) {
  return {
    bom: true,
    delimiter,
    record_delimiter: hasLineFeeds ? lineBreaks : oldLineBreaks,
    relax_column_count: true,
    max_record_size: maxRecordBytes,
  };
}

/** One cell as it is written, and what follows it: the next cell, or the end of the row. */
function cellPattern(delimiter: string): RegExp {
  const separator = `\\u${delimiter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const [quoted, bare] = ['"[^"]*(?:""[^"]*)*"\\r?', `(?!")[^\\n${separator}]*`];
  return new RegExp(`(?:${quoted}|${bare})(?:${separator}|\\n?$)`, 'y');
}

/**
 * The parser reads on at the end of a cell whose quotes are wrong, so that one row is lost and not the rest of the file. Such a
 * cell begins with a quote, as few others do, and only rows with one are looked at once more.
 */
function isBroken(cells: readonly string[], raw: string, cell: RegExp): boolean {
  if (!cells.some((text) => text.startsWith('"'))) return false;
  cell.lastIndex = 0;
  for (let read = 0; read < cells.length; read += 1) if (!cell.test(raw)) return true;
  return false;
}

function explain(error: unknown, line: number): unknown {
  if (!(error instanceof CsvError)) return error;
  const { code } = error;
  if (code === 'CSV_QUOTE_NOT_CLOSED') return new ImportProblem(`The quote that opens in line ${line} is not closed.`);
  if (code !== 'CSV_MAX_RECORD_SIZE') return error;
  return new ImportProblem(`The row of line ${line} is longer than ${maxRecordBytes} bytes: is a quote not closed?`);
}

/**
 * Reads the rows of a CSV file, the header among them. Empty lines are no rows, nor are those of empty cells alone, which
 * spreadsheets leave behind their tables.
 * @throws ImportProblem when the rest of the file cannot be read
 */
export async function* readCsv(
  bytes: AsyncIterable<Buffer>,
  { delimiter, hasLineFeeds }: { readonly delimiter: string; readonly hasLineFeeds: boolean },
): AsyncGenerator<CsvRow> {
  const options = optionsOf(delimiter, hasLineFeeds);
  const cell = cellPattern(delimiter);
  const lineBreak = hasLineFeeds ? '\n' : '\r';
  let next = 1;

  function toRow({ record: cells, raw }: { readonly record: readonly string[]; readonly raw: string }): CsvRow {
    const line = next;
    next += 1 + cells.reduce((breaks, cell) => breaks + cell.split(lineBreak).length - 1, 0);
    return { line, cells, isBroken: isBroken(cells, raw, cell) };
  }

  const parser = parse({ ...options, relax_quotes: true, raw: true, on_record: toRow as never });
  // What goes wrong is thrown by whoever reads from the last stream.
  const rows = pipeline(Readable.from(bytes), parser, () => {}) as AsyncIterable<CsvRow>;
  try {
    for await (const row of rows) if (!isEmpty(row)) yield row;
  } catch (error) {
    throw explain(error, next);
  }
}

function isEmpty({ cells }: CsvRow): boolean {
  return cells.every((cell) => cell === '');
}
