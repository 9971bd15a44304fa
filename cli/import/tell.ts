import type { Away } from '../../bulk-import/insist.ts';

const names: Readonly<Record<Away, string>> = { queue: 'The queue', database: 'The database' };

/** The innermost reason that has words. */
function reason(error: unknown): string {
  const { cause, message = '', code } = error as Error & { readonly code?: string };
  if (cause !== undefined) return reason(cause);
  return message.split('\n')[0] || (code ?? 'no answer');
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
