import type { Command } from 'commander';
import {
  addPolicy,
  changePolicy,
  defaultPolicy,
  listPolicies,
  type PolicyRow,
  policyFields,
  removePolicy,
} from '../../db/password-policy-rows.ts';
import { addExamples } from '../examples.ts';
import { OperatorError } from '../operator-error.ts';
import { type Cell, jsonLine } from '../print-table.ts';
import { quoted } from '../quoted.ts';
import { say } from '../say.ts';
import { onDatabase } from './on-database.ts';
import { type Flags, readFields, toOption } from './policy-options.ts';
import { printList } from './print-list.ts';
import { readNumber } from './read-arguments.ts';
import { notThere, reportRemoval } from './report-removal.ts';

const noun = 'password policy';

function toCell(value: PolicyRow[string] | undefined): Cell {
  return typeof value === 'object' ? value.join(', ') : value;
}

function list(flags: Flags): Promise<void> {
  const columns = ['i_password_policy', ...policyFields.map(({ column }) => column)];
  return onDatabase(async ({ db }) => {
    await printList([await listPolicies(db)], {
      columns: columns.map((column) => [column, (row) => toCell(row[column])]),
      json: flags.json === true,
      none: 'There is no password policy.',
    });
  });
}

function report(done: string, policy: PolicyRow, flags: Flags): void {
  say(flags.json ? jsonLine(policy) : `${done} ${noun} ${policy.i_password_policy} ${quoted(String(policy.name))}.`);
}

function add(flags: Flags): Promise<void> {
  const fields = readFields(flags);
  return onDatabase(async ({ db }) => report('Added', await addPolicy(db, fields), flags));
}

function change(text: string, flags: Flags): Promise<void> {
  const id = readNumber(text, 'The id');
  const fields = readFields(flags);
  if (Object.keys(fields).length === 0) {
    const options = policyFields.map((field) => toOption(field).long).join(', ');
    throw new OperatorError(`Say what shall change: give one or more of ${options}.`);
  }
  return onDatabase(async ({ db }) => {
    const changed = await changePolicy(db, id, fields);
    if (!changed) throw notThere({ noun, id });
    report('Changed', changed, flags);
  });
}

function remove(text: string, flags: Flags): Promise<void> {
  const id = readNumber(text, 'The id');
  if (id === defaultPolicy) {
    throw new OperatorError(`Password policy ${id} is that of customers that name none: change it, for it must stay.`);
  }
  const request = { noun, column: 'i_password_policy', id, json: flags.json === true };
  return onDatabase(async ({ db }) => reportRemoval(await removePolicy(db, id), request));
}

function defineList(group: Command): void {
  const listing = group.command('list').description('list password policies');
  listing.option('--json', 'one line of JSON for each').action(list);
  addExamples(listing, 'admin password-policy list --json');
}

function defineAdd(group: Command): void {
  const adding = group.command('add').description('add a password policy; what is not given is as in a fresh policy 1');
  for (const field of policyFields) adding.addOption(toOption(field).makeOptionMandatory(field.column === 'name'));
  adding.option('--json', 'print what was added as a line of JSON').action(add);
  addExamples(
    adding,
    "admin password-policy add --name Strong --min-length 14 --needs-special yes --forbidden 'acme,123'",
  );
}

function defineChange(group: Command): void {
  const changing = group
    .command('change')
    .description('change a password policy; passwords that are set already stay good')
    .argument('<id>', 'its i_password_policy');
  for (const field of policyFields) changing.addOption(toOption(field));
  changing.option('--json', 'print what it has become as a line of JSON').action(change);
  addExamples(
    changing,
    'admin password-policy change 1 --min-length 12',
    "admin password-policy change 2 --forbidden ''",
  );
}

function defineRemove(group: Command): void {
  const removing = group
    .command('remove')
    .description('remove a password policy that no customer has')
    .argument('<id>', 'its i_password_policy')
    .option('--json', 'print what was removed as a line of JSON')
    .action(remove);
  addExamples(removing, 'admin password-policy remove 2');
}

/** Adds `admin password-policy`. */
export function definePasswordPolicy(admin: Command): void {
  const group = admin
    .command('password-policy')
    .helpCommand(false)
    .description('password policies: what i_password_policy of a new customer may refer to');
  defineList(group);
  defineAdd(group);
  defineChange(group);
  defineRemove(group);
  addExamples(group, 'admin password-policy list', 'admin password-policy change 1 --min-length 12');
}
