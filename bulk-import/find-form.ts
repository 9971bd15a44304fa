import { ImportProblem } from './import-problem.ts';
import type { SourceForm } from './source-record.ts';

/** A header is not longer. */
const maxHeadBytes = 65_536;

const delimiters = [',', ';', '\t'];
const mark = '\ufeff';
const jsonArraySays =
  'The file is a JSON array: write each row as an object on a line of its own, for example with jq -c ".[]".';

const spreadJsonSays =
  'The objects are spread over several lines: write each on a line of its own, for example with jq -c "." or, from an array, ".[]".';

/** How a source is written, as far as somebody says so. */
export interface GivenForm {
  readonly format?: 'csv' | 'ndjson' | undefined;
  readonly delimiter?: string | undefined;
}

/** True when the first bytes show how the source is written: its first line that is not empty is complete. */
export function isHeadComplete(head: Buffer): boolean {
  return head.length >= maxHeadBytes || /\S[^\n]*\n/.test(head.toString('latin1'));
}

/** The first line that is not empty; line breaks in quotes do not end it. */
function firstLine(text: string): string {
  return /^\s*((?:"[^"]*"|[^"\n\r])*)/.exec(text)?.[1] ?? '';
}

/** The delimiter that stands most often in the header, outside of quotes; a comma when there is only one column. */
function findDelimiter(header: string): string {
  const bare = header.replace(/"[^"]*"/g, '');
  const counted = delimiters.map((delimiter) => ({ delimiter, count: bare.split(delimiter).length }));
  return counted.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

/**
 * Finds how a source is written from its first bytes: NDJSON begins with a brace, and everything else is CSV.
 * @throws ImportProblem when it is neither
 */
export function findForm(head: Buffer, given: GivenForm = {}): SourceForm {
  const text = head.toString('utf8');
  const hasMark = text.startsWith(mark);
  const header = firstLine(hasMark ? text.slice(mark.length) : text);
  if (given.format === undefined && given.delimiter === undefined) {
    if (header.trim() === '{') throw new ImportProblem(spreadJsonSays);
    if (header.startsWith('{')) return { format: 'ndjson' };
    if (header.startsWith('[')) throw new ImportProblem(jsonArraySays);
  }
  if (given.format === 'ndjson') return { format: 'ndjson' };
  return { format: 'csv', delimiter: given.delimiter ?? findDelimiter(header), hasMark };
}
