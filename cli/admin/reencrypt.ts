import type { Command } from 'commander';
import { addExamples } from '../examples.ts';
import { OperatorError } from '../operator-error.ts';
import { cellText, jsonLine } from '../print-table.ts';
import { say } from '../say.ts';
import { described } from './choose-customer.ts';
import { type AdminGround, onDatabase } from './on-database.ts';

interface Flags {
  readonly json?: boolean;
}

async function openBatches({ db, settings }: AdminGround) {
  const { loadSecretKeys } = await import('../../runtime/secret-keys.ts');
  const { createSealer } = await import('../../runtime/seal.ts');
  const { resealApiPasswords } = await import('../../db/reseal.ts');
  return resealApiPasswords(db, createSealer(loadSecretKeys(settings)));
}

async function reencrypt(ground: AdminGround, { json }: Flags): Promise<void> {
  const total = { resealed: 0, up_to_date: 0, not_opened: 0 };
  for await (const { resealed, upToDate, unopened } of await openBatches(ground)) {
    total.resealed += resealed;
    total.up_to_date += upToDate;
    total.not_opened += unopened.length;
    for (const customer of unopened) {
      const { i_customer, web_login } = customer;
      if (json) say(jsonLine({ not_opened: { i_customer, web_login } }));
      else say(`not opened: ${described(customer)} (login ${cellText(web_login)})`);
    }
  }
  const { resealed, up_to_date, not_opened } = total;
  if (json) say(jsonLine(total));
  else say(`API passwords: ${resealed} re-sealed, ${up_to_date} up to date, ${not_opened} not opened.`);
  if (not_opened === 0) return;
  throw new OperatorError(
    'Those that were not opened can log in no more: add the key that sealed them to SECRET_KEYS and repeat this, or, ' +
      'if it is lost, use "createcustomer admin api-access remove" and then "set" for each.',
  );
}

const howTo = `
To change keys while calls go on, in SECRET_KEYS of every process (or in DATA_DIR/secret-keys, where they are kept for an
embedded database):
  1. Put the new key behind the old one, and restart the processes one by one: now all of them open both.
  2. Put the new key first, and restart them again: now the new one seals.
  3. Run this. It can be interrupted and repeated; run it again until nothing is re-sealed.
  4. When no job of the time before step 2 waits in the queue, take the old key away and restart them.
A call that was made before step 2 and is repeated with its idempotency key after step 4 gets fault 409: wait
IDEMPOTENCY_TTL_DAYS with step 4 if clients do that.`;

/** Adds `admin reencrypt`. */
export function defineReencrypt(admin: Command): void {
  const command = admin
    .command('reencrypt')
    .description('seal stored API passwords anew with the first of SECRET_KEYS; exit code 1 if some cannot be opened')
    .option('--json', 'print each that was not opened, and then the numbers, as lines of JSON')
    .action((flags: Flags) => onDatabase((ground) => reencrypt(ground, flags)));
  addExamples(command, 'admin reencrypt').addHelpText('after', howTo);
}
