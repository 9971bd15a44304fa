import type { Away } from '../../bulk-import/insist.ts';
import { type Violation, violation } from '../../db/violations.ts';

const names: Readonly<Record<Away, string>> = { queue: 'The queue', database: 'The database' };

const kinds: Readonly<Record<Violation['kind'], string>> = {
  unreachable: 'it takes no connection',
  transient: 'it ended a connection or a statement',
  problem: 'no answer',
  unforeseen: 'no answer',
};

/** The innermost reason, in words of ours and its code: texts of the driver have the statement in them. */
function reason(error: unknown): string {
  const { cause, code } = error as Error & { readonly code?: string };
  if (cause !== undefined) return reason(cause);
  return [kinds[violation(error).kind], ...(code ? [code] : [])].join(', ');
}

/** What is said when the queue or the database goes. */
export function awaySentence(what: Away, error: unknown): string {
  return `${names[what]} cannot be reached (${reason(error)}): waiting for it. Nothing is lost; Ctrl-C ends.`;
}

/** What is said when it is there again. */
export function backSentence(what: Away): string {
  return `${names[what]} is there again: going on.`;
}

/** What is said when rows wait and nobody takes them. */
export const noWorkerSentence =
  'No worker is there: start one with "createcustomer serve --role worker". Waiting for it.';
