import type { Command } from 'commander';
import { listCallers, removeApiAccess } from '../../db/api-access.ts';
import { addExamples } from '../examples.ts';
import { jsonLine } from '../print-table.ts';
import { say } from '../say.ts';
import { chooseCustomer, described } from './choose-customer.ts';
import { onDatabase } from './on-database.ts';
import { printList } from './print-list.ts';

interface Flags {
  readonly passwordFile?: string;
  readonly json?: boolean;
}

function list({ json }: Flags): Promise<void> {
  return onDatabase(async ({ db }) => {
    await printList(listCallers(db), {
      columns: [
        ['i_customer', (row) => row.i_customer],
        ['name', (row) => row.name],
        ['web_login', (row) => row.web_login],
        ['max_depth', (row) => row.max_depth],
        ['customers_mgmt', (row) => row.customers_mgmt],
      ],
      json,
      none: 'No customer may call the API.',
    });
  });
}

async function set(text: string, flags: Flags): Promise<void> {
  const { readPassword } = await import('./read-password.ts');
  const given = flags.passwordFile === undefined ? undefined : await readPassword(flags.passwordFile);
  await onDatabase(async (ground) => {
    const { setPassword } = await import('./set-password.ts');
    const customer = await chooseCustomer(ground.db, text);
    const { web_login, made, notes } = await setPassword(ground, customer, given);
    const { i_customer } = customer;
    if (flags.json)
      return say(jsonLine({ i_customer, web_login, ...(made === undefined ? {} : { api_password: made }) }));
    say(`The ${described(customer)} may call the API now, as ${web_login}.`);
    if (made !== undefined) say(`API password: ${made} (shown only now)`);
    for (const note of notes) say(note);
  });
}

function remove(text: string, { json }: Flags): Promise<void> {
  return onDatabase(async ({ db }) => {
    const customer = await chooseCustomer(db, text);
    await removeApiAccess(db, customer.i_customer);
    const { i_customer, web_login } = customer;
    if (json) say(jsonLine({ removed: { i_customer, web_login } }));
    else say(`The ${described(customer)} may call the API no more, within seconds.`);
  });
}

function defineList(group: Command): void {
  const listing = group.command('list').description('list the customers that may call the API');
  listing.option('--json', 'one line of JSON for each').action(list);
  addExamples(listing, 'admin api-access list');
}

function defineSet(group: Command): void {
  const setting = group
    .command('set')
    .description('let a customer call the API, or change its API password; the password policy applies')
    .argument('<customer>', 'id, name or login')
    .option(
      '--password-file <file>',
      'holds the password; - for standard input (default: one is made and printed once)',
    )
    .option('--json', 'print the id, the login and a password that was made as a line of JSON')
    .action(set);
  addExamples(setting, 'admin api-access set Reseller', 'admin api-access set 2 --password-file - < password.txt');
}

function defineRemove(group: Command): void {
  const removing = group
    .command('remove')
    .description('let a customer call the API no more, and forget its API password')
    .argument('<customer>', 'id, name or login')
    .option('--json', 'print whose access was removed as a line of JSON')
    .action(remove);
  addExamples(removing, 'admin api-access remove Reseller');
}

/** Adds `admin api-access`. */
export function defineApiAccess(admin: Command): void {
  const group = admin.command('api-access').helpCommand(false).description('who may call the API with HTTP Digest');
  defineList(group);
  defineSet(group);
  defineRemove(group);
  addExamples(group, 'admin api-access list', 'admin api-access set Reseller');
}
