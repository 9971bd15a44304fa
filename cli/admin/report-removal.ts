import type { Removal } from '../../db/remove-unused.ts';
import { OperatorError } from '../operator-error.ts';
import { jsonLine } from '../print-table.ts';
import { quoted } from '../quoted.ts';
import { say } from '../say.ts';

/** What was to be removed, and how operators call it. */
export interface RemovalRequest {
  /** For example "routing group"; its command is called so as well, with hyphens. */
  readonly noun: string;
  readonly column: string;
  readonly id: number;
  readonly json?: boolean | undefined;
}

/** The mistake of naming something that is not there. */
function notThere({ noun, id }: Pick<RemovalRequest, 'noun' | 'id'>): OperatorError {
  return new OperatorError(`There is no ${noun} ${id}: see "createcustomer admin ${noun.replaceAll(' ', '-')} list".`);
}

/**
 * Says what was removed.
 * @throws OperatorError when it was not there, or stays because customers use it
 */
export function reportRemoval(removal: Removal | undefined, request: RemovalRequest): void {
  if (!removal) throw notThere(request);
  const { noun, column, id, json } = request;
  const { name, customers } = removal;
  const what = `${noun} ${id} ${quoted(name)}`;
  if (customers > 0) {
    const users = customers === 1 ? '1 customer' : `${customers} customers`;
    throw new OperatorError(`The ${what} is used by ${users}, so it stays.`);
  }
  say(json ? jsonLine({ removed: { [column]: id, name } }) : `Removed ${what}.`);
}
