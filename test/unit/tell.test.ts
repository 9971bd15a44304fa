import { expect, test } from 'vitest';
import { awaySentence } from '../../cli/import/tell.ts';
import { QueueUnavailable } from '../../queue/backend.ts';

const statement = 'select * from "import_chunks" where "import_id" = $1';

function failure(text: string, code?: string): Error {
  return Object.assign(new Error(text), code === undefined ? {} : { code });
}

test.each([
  [
    'database',
    failure(`${statement} - terminating connection`, '57P01'),
    'it ended a connection or a statement, 57P01',
  ],
  ['database', failure(`${statement} - Connection terminated`), 'it ended a connection or a statement'],
  ['database', failure(`${statement} - connect ECONNREFUSED`, 'ECONNREFUSED'), 'it takes no connection, ECONNREFUSED'],
  ['queue', new QueueUnavailable(false, failure('connect', 'ECONNREFUSED')), 'it takes no connection, ECONNREFUSED'],
  ['queue', new QueueUnavailable(true, failure('Command timed out')), 'no answer'],
] as const)('When the %s goes with "%s", then its code is told, and no statement', (what, error, reason) => {
  expect(awaySentence(what, error)).toBe(
    `The ${what} cannot be reached (${reason}): waiting for it. Nothing is lost; Ctrl-C ends.`,
  );
});
