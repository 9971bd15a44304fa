import { type Command, Option } from 'commander';
import { addExamples } from '../examples.ts';
import type { ImportFlags } from './read-flags.ts';

const more = `
CSV (comma, semicolon or tab, found by itself; quotes, byte order mark, CRLF) or NDJSON, gzipped or not, in UTF-8. The
header names members of createCustomer, or i_wholesaler for the parent (default: root), or web_password_hash instead of
web_password (a PHC string of Argon2id, bcrypt or scrypt). An empty cell is not given, \\N is nil.

The same command again goes on where the last one ended: no row is created twice, whatever was killed. Two files tell what
became of the rows, as their chunks end: FILE.created.csv (line, name, i_customer) and FILE.failed.csv (the row, then line,
code and message), which can be imported once it is mended. Lines are physical lines; the header is line 1.

Exit codes: 0 all rows were created, 2 some failed, 1 aborted. More: docs/import.md`;

function gather(text: string, texts: readonly string[] = []): readonly string[] {
  return [...texts, text];
}

/** Adds the command `import`. */
export function defineImport(program: Command): void {
  const command = program
    .command('import')
    .description('create customers from a CSV or NDJSON file, each once, also when it is interrupted and repeated')
    .argument('<file>', 'the file; - for standard input')
    .option('--map <column=member>', 'a column that is called otherwise; may be given several times', gather)
    .option('--set <member=value>', 'the same value for every row; may be given several times', gather)
    .option('--ignore <column>', 'a column that is no member; may be given several times', gather)
    .option('--key-column <column>', 'the idempotency key of each row (default: made of import and line)')
    .option('--dry-run', 'check everything, also names within the file, and create nothing')
    .addOption(new Option('--format <format>', 'default: as the first line shows').choices(['csv', 'ndjson']))
    .option('--delimiter <character>', 'of a CSV file; "tab" for a tab (default: as the header shows)')
    .option('--import-id <id>', 'default: made of the content of the file, --map, --set and --key-column')
    .option('--created <file>', 'where the rows that were created are listed')
    .option('--failed <file>', 'where the rows that failed are listed')
    .option('--max-errors <number>', 'abort when more rows than that have failed')
    .option('--rate <rows>', 'at most so many rows a second')
    .option('--concurrency <number>', 'chunks in the queue at a time (default: 8)')
    .option('--chunk-rows <number>', 'rows in a chunk (default: 250)')
    .option('--json', 'print progress and summary as lines of JSON')
    .action(async (file: string, flags: Partial<ImportFlags>) => {
      const { runImport } = await import('./run-import.ts');
      process.exitCode = await runImport(file, { map: [], set: [], ignore: [], ...flags });
    });
  addExamples(
    command,
    'import customers.csv --set i_tariff=1 --dry-run',
    'import customers.csv --set i_tariff=1 --map "Full Name=name" --ignore Notes',
    'import customers.csv.failed.csv --set i_tariff=1',
    'import - --import-id crm-2026-10 --key-column crm_id < customers.ndjson.gz',
  ).addHelpText('after', more);
}
