import { createRequire } from 'node:module';
import { Command, Option } from 'commander';
import { defineAdmin } from './admin/commands.ts';
import type { CallFlags } from './call.ts';
import { addExamples } from './examples.ts';
import { defineImport } from './import/define-import.ts';
import { type Role, roles } from './roles.ts';
import { allSaid, say } from './say.ts';

const { version } = createRequire(import.meta.url)('../../package.json') as { readonly version: string };

/** What --help of each command ends with; `admin` has its own. */
const examples: Readonly<Record<string, readonly string[]>> = {
  serve: ['serve', 'serve --role api', 'serve --role worker', 'serve --role monitor --allow-changes'],
  migrate: ['migrate'],
  call: [
    "call createCustomer --user root --password '…' name='My customer' web_password='…' i_tariff=1",
    "call system.listMethods --user root --password '…'",
  ],
  schema: ['schema', 'schema --job'],
};

/** Commands load what they need when they run, so that --help answers at once. */
function createProgram(): Command {
  const program = new Command('createcustomer')
    .description('An XML-RPC service that creates customers in a telecom billing tree. Settings: see .env.example.')
    .version(version, '-V, --version', 'print the version')
    .helpCommand(false)
    .showHelpAfterError('See --help for what there is.');

  program
    .command('serve')
    .description('run the service until SIGTERM or Ctrl-C')
    .addOption(new Option('--role <role...>', 'the parts to run').choices(roles).default(roles, 'all'))
    .addOption(new Option('--demo', 'create a sample customer at the start and print the answer').default(false))
    .option('--allow-changes', 'let the monitor change what is in the queues', false)
    .action(async (flags: { role: Role[]; demo: boolean; allowChanges: boolean }) => {
      const { serve } = await import('./serve.ts');
      await serve({ roles: flags.role, demo: flags.demo, allowChanges: flags.allowChanges });
    });

  program
    .command('migrate')
    .description('bring the database up to date; set up an empty one')
    .action(async () => {
      const { runMigrate } = await import('./migrate.ts');
      await runMigrate();
    });

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
      const { call } = await import('./call.ts');
      process.exitCode = await call(method, assignments, flags);
    });

  defineImport(program);
  defineAdmin(program);

  program
    .command('schema')
    .description('print the JSON Schema of the parameters of createCustomer')
    .option('--job', "print the schema of the queue's job instead")
    .action(async (flags: { job?: boolean }) => {
      const { printedSchemas } = await import('../schemas/printed.ts');
      say(flags.job ? printedSchemas['create-customer-job.json'] : printedSchemas['create-customer.json']);
    });

  return program;
}

function withExamples(program: Command): Command {
  for (const command of program.commands) {
    const own = examples[command.name()];
    if (own) addExamples(command, ...own);
  }
  return addExamples(
    program,
    'migrate',
    'serve',
    'import customers.csv --set i_tariff=1',
    'call --help',
    'admin tariff add --help',
  );
}

async function main(): Promise<void> {
  // Whoever reads our output may stop reading; that must not end the service.
  process.stdout.on('error', () => {});
  try {
    await withExamples(createProgram()).parseAsync();
  } catch (error) {
    const { explain } = await import('./explain-error.ts');
    const sentence = explain(error);
    process.stderr.write(`${sentence ?? (error instanceof Error ? error.stack : String(error))}\n`);
    process.exitCode = 1;
  }
  // The end of the process would cut off what a pipe has not taken yet.
  await allSaid();
  // A library that was not closed in time must not keep the process.
  process.exit();
}

await main();
