import type { Command } from 'commander';
import { addExamples } from '../examples.ts';
import { defineCustomer } from './customer.ts';
import { defineRoutingGroup } from './routing-group.ts';
import { defineTariff } from './tariff.ts';
import { defineTrustedHost } from './trusted-host.ts';

const more = `
Each works on the database of the settings, also while the service runs. "createcustomer migrate" comes first.
A customer is named by its id, its name or its login. A mistake is a sentence on standard error and exit code 1.`;

/** Adds the command `admin`: what an operator would need SQL for otherwise. */
export function defineAdmin(program: Command): void {
  const admin = program
    .command('admin')
    .helpCommand(false)
    .description('look at the database, and change what calls refer to');
  defineTariff(admin);
  defineRoutingGroup(admin);
  defineTrustedHost(admin);
  defineCustomer(admin);
  addExamples(
    admin,
    'admin tariff add --owner root --name Gold --currency EUR',
    "admin trusted-host add 192.0.2.0/24 --description 'order system'",
    'admin customer list --parent root --json',
  ).addHelpText('after', more);
}
