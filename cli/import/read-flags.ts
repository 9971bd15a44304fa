import type { GivenForm } from '../../bulk-import/find-form.ts';
import { type Mapping, requireMembers } from '../../bulk-import/mapping.ts';
import { maxRowsInChunk } from '../../schemas/import-job.ts';
import { readNumber } from '../admin/read-arguments.ts';
import { OperatorError } from '../operator-error.ts';
import { quoted } from '../quoted.ts';

/** The options of the command as commander gives them. */
export interface ImportFlags {
  readonly map: readonly string[];
  readonly set: readonly string[];
  readonly ignore: readonly string[];
  readonly keyColumn?: string;
  readonly format?: 'csv' | 'ndjson';
  readonly delimiter?: string;
  readonly importId?: string;
  readonly dryRun?: boolean;
  readonly created?: string;
  readonly failed?: string;
  readonly maxErrors?: string;
  readonly rate?: string;
  readonly concurrency?: string;
  readonly chunkRows?: string;
  readonly json?: boolean;
}

/** How an import is to run. */
export interface Pace {
  readonly maxErrors: number;
  readonly rowsPerSecond: number | undefined;
  readonly concurrency: number | undefined;
  readonly rowsInChunk: number | undefined;
}

const mostErrors = 2_147_483_647;
export const maxRowsPerSecond = 1_000_000;

/** As many chunks in the queue at a time keep many workers busy. */
export const maxConcurrency = 64;

/** Splits texts of the form LEFT=RIGHT. A member has no "=" in its name, so that it decides on which side others may stand. */
function readPairs(texts: readonly string[], option: string, split: (text: string) => number): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const text of texts) {
    const at = split(text);
    const [left, right] = [text.slice(0, Math.max(0, at)).trim(), text.slice(at + 1)];
    if (left === '') throw new OperatorError(`${option} ${quoted(text)} must have the form LEFT=RIGHT.`);
    if (pairs.has(left)) throw new OperatorError(`${option} names ${quoted(left)} twice.`);
    pairs.set(left, right);
  }
  return pairs;
}

/** @throws OperatorError or ImportProblem when an option has another form or names what does not exist */
export function readMapping({ map, set, ignore, keyColumn }: ImportFlags): Mapping {
  const mapping = {
    map: readPairs(map, '--map', (text) => text.lastIndexOf('=')),
    set: readPairs(set, '--set', (text) => text.indexOf('=')),
    ignore: new Set(ignore),
    keyColumn,
  };
  requireMembers(mapping);
  return mapping;
}

const delimiterNames: Readonly<Record<string, string>> = { tab: '\t', '\\t': '\t', comma: ',', semicolon: ';' };

/** @throws OperatorError when the delimiter is more than a character, or one that cannot separate anything */
export function readGivenForm({ format, delimiter: given }: ImportFlags): GivenForm {
  const delimiter = given === undefined ? undefined : (delimiterNames[given] ?? given);
  if (delimiter !== undefined && !/^[^"\r\n]$/.test(delimiter)) {
    throw new OperatorError('--delimiter must be one character, or "tab".');
  }
  return { format, delimiter };
}

/** @throws OperatorError when a number is none, or out of range */
export function readPace({ maxErrors, rate, concurrency, chunkRows }: ImportFlags): Pace {
  const number = (text: string | undefined, option: string, range: { readonly from: number; readonly to: number }) =>
    text === undefined ? undefined : readNumber(text, option, range);
  return {
    maxErrors: number(maxErrors, '--max-errors', { from: 0, to: mostErrors }) ?? Number.POSITIVE_INFINITY,
    rowsPerSecond: number(rate, '--rate', { from: 1, to: maxRowsPerSecond }),
    concurrency: number(concurrency, '--concurrency', { from: 1, to: maxConcurrency }),
    rowsInChunk: number(chunkRows, '--chunk-rows', { from: 1, to: maxRowsInChunk }),
  };
}
