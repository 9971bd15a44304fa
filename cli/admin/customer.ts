import type { Command } from 'commander';
import {
  type CustomerHead,
  type CustomerRow,
  countChildren,
  listCustomers,
  readAncestors,
  readCustomer,
} from '../../db/customer-rows.ts';
import { addExamples } from '../examples.ts';
import { cellText, jsonLine } from '../print-table.ts';
import { quoted } from '../quoted.ts';
import { say } from '../say.ts';
import { chooseCustomer, described } from './choose-customer.ts';
import { onDatabase } from './on-database.ts';
import { printList } from './print-list.ts';
import { readNumber } from './read-arguments.ts';

interface Shown {
  readonly customer: CustomerRow;
  readonly tree: readonly CustomerHead[];
  readonly children: number;
}

function treeLine({ i_customer, name, web_login, max_depth, customers_mgmt }: CustomerHead, depth: number): string {
  const arrow = depth === 0 ? '' : `${'  '.repeat(depth - 1)}> `;
  const rights = `max_depth ${max_depth}, customers_mgmt ${customers_mgmt}`;
  return `${arrow}${i_customer} ${quoted(name)} (login ${cellText(web_login)}, ${rights})`;
}

function print({ customer, tree, children }: Shown): void {
  const names = Object.keys(customer);
  const width = Math.max(...names.map((name) => name.length));
  say('tree');
  for (const [depth, head] of tree.entries()) say(`  ${treeLine(head, depth)}`);
  say(`children  ${children}`);
  say('members');
  for (const name of names) say(`  ${name.padEnd(width)}  ${cellText(customer[name])}`);
}

function show(text: string, flags: { readonly json?: boolean }): Promise<void> {
  return onDatabase(async ({ db }) => {
    const { i_customer } = await chooseCustomer(db, text);
    const [customer = {}, tree, children] = await Promise.all([
      readCustomer(db, i_customer),
      readAncestors(db, i_customer),
      countChildren(db, i_customer),
    ]);
    if (flags.json) say(jsonLine({ ...customer, tree, children }));
    else print({ customer, tree, children });
  });
}

interface ListFlags {
  readonly parent?: string;
  readonly limit?: string;
  readonly json?: boolean;
}

function list(flags: ListFlags): Promise<void> {
  const limit = flags.limit === undefined ? undefined : readNumber(flags.limit, '--limit');
  return onDatabase(async ({ db }) => {
    const parent = flags.parent === undefined ? undefined : await chooseCustomer(db, flags.parent);
    await printList(listCustomers(db, { parent: parent?.i_customer, limit }), {
      columns: [
        ['i_customer', (row) => row.i_customer],
        ['i_wholesaler', (row) => row.i_wholesaler],
        ['name', (row) => row.name],
        ['web_login', (row) => row.web_login],
        ['max_depth', (row) => row.max_depth],
        ['api_access', (row) => row.api_access],
        ['created_at', (row) => row.created_at],
      ],
      json: flags.json,
      none: parent === undefined ? 'There is no customer.' : `The ${described(parent)} has no sub-customers.`,
    });
  });
}

/** Adds `admin customer`. */
export function defineCustomer(admin: Command): void {
  const group = admin
    .command('customer')
    .helpCommand(false)
    .description('customers: look at them; no password is ever shown');

  const listing = group
    .command('list')
    .description('list customers in the order of their ids')
    .option('--parent <customer>', 'only the sub-customers of this one: its id, name or login')
    .option('--limit <number>', 'only the first so many')
    .option('--json', 'one line of JSON for each')
    .action(list);
  addExamples(listing, 'admin customer list --parent root --limit 20');

  const showing = group
    .command('show')
    .description('show all members of a customer, and its place in the tree')
    .argument('<customer>', 'id, name or login')
    .option('--json', 'print it as a line of JSON')
    .action(show);
  addExamples(showing, 'admin customer show 2', "admin customer show 'My second customer' --json");
  addExamples(group, 'admin customer list --parent root', 'admin customer show root');
}
