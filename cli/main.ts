#!/usr/bin/env node
import { Command, Option } from 'commander';
import { createCustomerSchema } from '../schemas/create-customer.ts';
import { createCustomerJobSchema } from '../schemas/jobs.ts';
import { type CallFlags, call } from './call.ts';
import { runMigrate } from './migrate.ts';
import { explain } from './operator-error.ts';
import { say } from './say.ts';
import { type Role, roles, serve } from './serve.ts';

function createProgram(): Command {
  const program = new Command('createcustomer')
    .description('An XML-RPC service that creates customers in a telecom billing tree. Settings: see .env.example.')
    .helpCommand(false);

  program
    .command('serve')
    .description('run the service until SIGTERM or Ctrl-C')
    .addOption(new Option('--role <role...>', 'the parts to run').choices(roles).default(roles, 'all'))
    .addOption(new Option('--demo', 'create a sample customer at the start and print the answer').default(false))
    .action((flags: { role: Role[]; demo: boolean }) => serve({ roles: flags.role, demo: flags.demo }));

  program
    .command('migrate')
    .description('bring the database up to date; set up an empty one')
    .action(() => runMigrate());

  program
    .command('call')
    .description('call a method with HTTP Digest and print what it answers; exit code 1 on a fault')
    .argument('<method>', 'for example createCustomer')
    .argument('[name=value...]', 'members of its struct; an empty value means nil')
    .option('--url <url>', 'where the service is (default: HOST and PORT of the settings)')
    .option('--user <login>', 'web_login; without it the call is made as a trusted host')
    .option('--password <password>', 'api_password; other users of this machine can see it while the command runs')
    .option('--idempotency-key <key>', 'the same key never creates a second customer')
    .option('--dry-run', 'check everything, keep nothing')
    .option('--json', 'print one line of JSON')
    .action(async (method: string, assignments: string[], flags: CallFlags) => {
      process.exitCode = await call(method, assignments, flags);
    });

  program
    .command('schema')
    .description('print the JSON Schema of the parameters of createCustomer')
    .option('--job', "print the schema of the queue's job instead")
    .action((flags: { job?: boolean }) => {
      say(JSON.stringify(flags.job ? createCustomerJobSchema : createCustomerSchema, undefined, 2));
    });

  return program;
}

async function main(): Promise<void> {
  try {
    await createProgram().parseAsync();
  } catch (error) {
    const sentence = explain(error);
    process.stderr.write(`${sentence ?? (error instanceof Error ? error.stack : String(error))}\n`);
    process.exitCode = 1;
  }
  // A library that was not closed in time must not keep the process.
  process.exit();
}

await main();
