import { convertMembers, fromJson } from '../schemas/convert.ts';
import { faults, type Problem, toFault } from '../schemas/faults.ts';
import type { ImportRow } from '../schemas/import-job.ts';
import { idempotencyKeyPattern } from '../schemas/jobs.ts';
import { type Mapping, memberOf } from './mapping.ts';
import type { SourceRecord } from './source-record.ts';

/** A row that can go to a worker. */
export interface ReadyRow {
  readonly row: ImportRow;
  readonly record: SourceRecord;
}

/** A row that was not created, and why. */
export interface FailedRow {
  readonly line: number;
  readonly code: number;
  /** All problems, one a line. */
  readonly text: string;
  readonly record: SourceRecord;
}

/** How a cell says nil. */
const nilCell = '\\N';

const wrongRow = 400;
const isKey = new RegExp(idempotencyKeyPattern);

/** A control character that every member refuses, and that the queue can carry. */
const refusedCharacter = '\u0001';

/** The queue in PostgreSQL cannot carry NUL or half a character. No member may have them, which the worker says of this as well. */
function toCarry(text: string): string {
  return text.replaceAll('\0', refusedCharacter).replace(/\p{Cs}/gu, refusedCharacter);
}

/** An empty cell is not given. */
function readCell(value: unknown): unknown {
  if (value === '') return undefined;
  return value === nilCell ? null : readMember(value);
}

/** No member is a struct or an array; their depth might be more than the queue can carry. It cannot carry a bigint as such. */
function readMember(value: unknown): unknown {
  if (typeof value === 'string') return toCarry(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? [] : {};
}

function readKey(value: unknown): string | undefined {
  const key = typeof value === 'number' ? String(value) : value;
  return typeof key === 'string' && isKey.test(key) ? key : undefined;
}

/** Why a value of a program cannot be carried: JSON would leave it out, or make nil of it. Undefined when it can be. */
function findUnfit(value: unknown): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return 'must be a finite number';
  const isUnfit = typeof value === 'function' || typeof value === 'symbol';
  return isUnfit ? `must be a single value, not a ${typeof value}` : undefined;
}

function wrongKey(column: string): Problem {
  return faults.wrongValue(column, 'must be 1 to 255 visible ASCII characters, for it is the key of the row');
}

/** Makes what turns records of a source into rows of a chunk. */
export function createRowMaker(options: { readonly mapping: Mapping; readonly isCsv: boolean }) {
  const { mapping, isCsv } = options;
  const { keyColumn } = mapping;
  const read = isCsv ? readCell : readMember;
  const constants = [...mapping.set].map(([member, cell]) => [member, readCell(cell)] as const);

  /** The members of a row, and what is wrong with it before a worker looks at it. */
  function readParams({ values }: SourceRecord) {
    const params = new Map<string, unknown>();
    const problems: Problem[] = [];
    const given = Object.entries(values).map(([column, value]) => [memberOf(column, mapping), read(value)] as const);
    for (const [member, value] of [...given, ...constants]) {
      if (member === undefined || value === undefined) continue;
      const unfit = findUnfit(value);
      if (unfit !== undefined) problems.push(faults.wrongValue(member, unfit));
      if (params.has(member)) problems.push(faults.wrongValue(member, 'is given twice, also by --map or --set'));
      params.set(toCarry(member), value);
    }
    return { params: Object.fromEntries(params), problems };
  }

  return function makeRow(record: SourceRecord): ReadyRow | FailedRow {
    const { line, problem } = record;
    if (problem !== undefined) return { line, code: wrongRow, text: problem, record };
    const { params, problems } = readParams(record);
    const key = keyColumn === undefined ? undefined : readKey(record.values[keyColumn]);
    const keyProblems = keyColumn === undefined || key !== undefined ? [] : [wrongKey(keyColumn)];
    const [first, ...rest] = [...problems, ...keyProblems];
    if (first !== undefined) return { line, ...toFault([first, ...rest]), record };
    return { row: { line, ...(key === undefined ? {} : { key }), params }, record };
  };
}

/** Root is the parent of rows that name none. */
const defaultParent = 1;

/** The parent of a row, read as the worker reads it. Of no meaning for a row whose parent is wrong: it is not created. */
export function parentOf({ params }: ImportRow): number {
  const given = params.i_wholesaler;
  const { i_wholesaler } = convertMembers(new Map([['i_wholesaler', fromJson(given)]])).params;
  return typeof i_wholesaler === 'number' ? i_wholesaler : defaultParent;
}
