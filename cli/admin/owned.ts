import type { Command } from 'commander';
import { addOwned, listOwned, type OwnedRow, type OwnedTable } from '../../db/owned-rows.ts';
import { removeUnused } from '../../db/remove-unused.ts';
import { addExamples } from '../examples.ts';
import { jsonLine } from '../print-table.ts';
import { quoted } from '../quoted.ts';
import { say } from '../say.ts';
import { chooseCustomer, described } from './choose-customer.ts';
import { onDatabase } from './on-database.ts';
import { printList } from './print-list.ts';
import { readName, readNumber } from './read-arguments.ts';
import { reportRemoval } from './report-removal.ts';

/** A kind of thing that a customer owns for its sub-customers, and how operators call it. */
export interface OwnedKind {
  readonly table: OwnedTable;
  /** For example "routing group"; the command is called so as well, with hyphens. */
  readonly noun: string;
  /** What it is for, after "…s: ". */
  readonly purpose: string;
  /** Options of `add` for the table's other columns. */
  readonly options: readonly { readonly column: string; readonly flags: string; readonly says: string }[];
  /** What follows `add` in the example of its help. */
  readonly example: string;
}

interface ListFlags {
  readonly owner?: string;
  readonly json?: boolean;
}

interface AddFlags {
  readonly owner: string;
  readonly name: string;
  readonly json?: boolean;
  readonly [column: string]: string | boolean | undefined;
}

function command({ noun }: OwnedKind): string {
  return noun.replaceAll(' ', '-');
}

function list({ table, noun }: OwnedKind, flags: ListFlags): Promise<void> {
  return onDatabase(async ({ db }) => {
    const owner = flags.owner === undefined ? undefined : await chooseCustomer(db, flags.owner);
    const heading = (column: string) => [column, (row: OwnedRow) => row[column]] as const;
    await printList(listOwned(db, table, owner?.i_customer), {
      columns: [
        heading(table.id),
        ['owner', (row) => `${row.i_customer} ${row.owner}`],
        ...['name', ...table.others].map(heading),
      ],
      json: flags.json,
      none: owner === undefined ? `There is no ${noun}.` : `No ${noun} is owned by ${described(owner)}.`,
    });
  });
}

function add({ table, noun }: OwnedKind, flags: AddFlags): Promise<void> {
  const name = readName(flags.name, 'The name');
  return onDatabase(async ({ db }) => {
    const owner = await chooseCustomer(db, flags.owner);
    const others = Object.fromEntries(table.others.map((column) => [column, String(flags[column])]));
    const id = await addOwned(db, table, { i_customer: owner.i_customer, name, ...others });
    const row = { [table.id]: id, i_customer: owner.i_customer, owner: owner.name, name, ...others };
    const more = Object.entries(others).map(([column, value]) => `, ${column} ${value}`);
    say(
      flags.json ? jsonLine(row) : `Added ${noun} ${id} ${quoted(name)}${more.join('')}, owned by ${described(owner)}.`,
    );
  });
}

function remove({ table, noun }: OwnedKind, text: string, { json }: { readonly json?: boolean }): Promise<void> {
  const id = readNumber(text, 'The id');
  return onDatabase(async ({ db }) =>
    reportRemoval(await removeUnused(db, table, id), { noun, column: table.id, id, json }),
  );
}

function defineList(group: Command, kind: OwnedKind): void {
  const listing = group
    .command('list')
    .description(`list ${kind.noun}s in the order of their ids`)
    .option('--owner <customer>', 'only those that this customer owns: its id, name or login')
    .option('--json', 'one line of JSON for each')
    .action((flags: ListFlags) => list(kind, flags));
  addExamples(listing, `admin ${command(kind)} list --owner root --json`);
}

function defineAdd(group: Command, kind: OwnedKind): void {
  const { noun } = kind;
  const adding = group
    .command('add')
    .description(`add a ${noun}, for the sub-customers of its owner`)
    .requiredOption('--owner <customer>', 'id, name or login of the customer that owns it')
    .requiredOption('--name <name>', `its name, unique among the ${noun}s of the owner`);
  for (const { flags, says } of kind.options) adding.requiredOption(flags, says);
  adding.option('--json', 'print what was added as a line of JSON').action((flags: AddFlags) => add(kind, flags));
  addExamples(adding, `admin ${command(kind)} add ${kind.example}`);
}

function defineRemove(group: Command, kind: OwnedKind): void {
  const removing = group
    .command('remove')
    .description(`remove a ${kind.noun} that no customer uses`)
    .argument('<id>', `its ${kind.table.id}`)
    .option('--json', 'print what was removed as a line of JSON')
    .action((id: string, flags: { readonly json?: boolean }) => remove(kind, id, flags));
  addExamples(removing, `admin ${command(kind)} remove 2`);
}

/** Adds the commands that list, add and remove things of this kind. */
export function defineOwned(admin: Command, kind: OwnedKind): void {
  const group = admin.command(command(kind)).helpCommand(false).description(`${kind.noun}s: ${kind.purpose}`);
  defineList(group, kind);
  defineAdd(group, kind);
  defineRemove(group, kind);
  addExamples(group, `admin ${command(kind)} list`, `admin ${command(kind)} add ${kind.example}`);
}
