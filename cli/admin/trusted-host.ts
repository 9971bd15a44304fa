import { isIP } from 'node:net';
import type { Command } from 'commander';
import type { Database } from '../../db/connect.ts';
import {
  addTrustedHost,
  coveringRanges,
  listTrustedHosts,
  readNetwork,
  removeTrustedHost,
} from '../../db/trusted-host-rows.ts';
import { addExamples } from '../examples.ts';
import { OperatorError } from '../operator-error.ts';
import { jsonLine } from '../print-table.ts';
import { quoted } from '../quoted.ts';
import { say } from '../say.ts';
import { onDatabase } from './on-database.ts';
import { printList } from './print-list.ts';
import { readName } from './read-arguments.ts';

const addressBits: Readonly<Record<number, number>> = { 4: 32, 6: 128 };

/** @throws OperatorError unless the text is an address, or one with the length of a mask */
function requireForm(text: string): void {
  const [, address = '', mask = '0'] = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  if (Number(mask) <= (addressBits[isIP(address)] ?? -1)) return;
  throw new OperatorError(
    `${quoted(text)} is no address and no range: give one such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32.`,
  );
}

async function readRange(db: Database, text: string) {
  requireForm(text);
  const network = await readNetwork(db, text);
  const { range, address, hasHostBits } = network;
  if (!hasHostBits) return network;
  throw new OperatorError(
    `${text} has bits set right of its mask: the range is ${range}, the single address is ${address}.`,
  );
}

interface Flags {
  readonly description?: string;
  readonly json?: boolean;
}

function list(flags: Flags): Promise<void> {
  return onDatabase(async ({ db }) => {
    await printList([await listTrustedHosts(db)], {
      columns: [
        ['ip', (row) => row.ip],
        ['description', (row) => row.description],
        ['created_at', (row) => row.created_at],
      ],
      json: flags.json,
      none: 'No host is trusted.',
    });
  });
}

function add(text: string, flags: Flags): Promise<void> {
  const description = flags.description === undefined ? '' : readName(flags.description, 'The description');
  return onDatabase(async ({ db }) => {
    const { range, maskBits } = await readRange(db, text);
    await addTrustedHost(db, { ip: range, description });
    if (flags.json) return say(jsonLine({ ip: range, description }));
    say(`${range} is trusted within seconds: whoever calls from there may create customers under any parent.`);
    if (maskBits === 0) say('That is every address there is: unless this is a test, remove it again.');
  });
}

function remove(text: string, flags: Flags): Promise<void> {
  return onDatabase(async ({ db }) => {
    const { range } = await readRange(db, text);
    const removed = await removeTrustedHost(db, range);
    const covering = await coveringRanges(db, range);
    const still = covering.length === 0 ? '' : `, but still lies in ${covering.join(' and ')}`;
    if (!removed) {
      throw new OperatorError(`${range} is not listed${still}: see "createcustomer admin trusted-host list".`);
    }
    say(flags.json ? jsonLine({ removed: { ip: range }, still_in: covering }) : `Removed ${range}${still}.`);
  });
}

const forms = 'an IPv4 or IPv6 address, or a range such as 192.0.2.0/24';

function defineList(group: Command): void {
  const listing = group.command('list').description('list trusted addresses and ranges');
  listing.option('--json', 'one line of JSON for each').action(list);
  addExamples(listing, 'admin trusted-host list --json');
}

function defineAdd(group: Command): void {
  const adding = group
    .command('add')
    .description('trust an address or a range')
    .argument('<cidr>', forms)
    .option('--description <text>', 'what it is, for people')
    .option('--json', 'print what was added as a line of JSON')
    .action(add);
  const range = "admin trusted-host add 192.0.2.0/24 --description 'order system'";
  addExamples(adding, range, 'admin trusted-host add 2001:db8::7');
}

function defineRemove(group: Command): void {
  const removing = group
    .command('remove')
    .description('trust an address or a range no more')
    .argument('<cidr>', `${forms}, as listed`)
    .option('--json', 'print what was removed, and the listed ranges that it still lies in, as a line of JSON')
    .action(remove);
  addExamples(removing, 'admin trusted-host remove 192.0.2.0/24');
}

/** Adds `admin trusted-host`. */
export function defineTrustedHost(admin: Command): void {
  const group = admin
    .command('trusted-host')
    .helpCommand(false)
    .description('trusted hosts: addresses that may call without a login; a call names the parent in i_wholesaler');
  defineList(group);
  defineAdd(group);
  defineRemove(group);
  addExamples(group, 'admin trusted-host list', 'admin trusted-host add 192.0.2.0/24');
}
