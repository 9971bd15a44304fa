import type { Command } from 'commander';
import { type AuditRow, readAuditLog } from '../../db/audit-log.ts';
import { createCustomerSchema } from '../../schemas/create-customer.ts';
import { addExamples } from '../examples.ts';
import { chooseCustomer } from './choose-customer.ts';
import { onDatabase } from './on-database.ts';
import { printList } from './print-list.ts';
import { readNumber } from './read-arguments.ts';
import { readTime } from './read-time.ts';

interface AuditFlags {
  readonly customer?: string;
  readonly requestId?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit?: string;
  readonly json?: boolean;
}

/** Longest value of a member that the table shows whole. */
const longestValue = 24;

function shorten(value: unknown): string {
  const text = [...(typeof value === 'string' ? value : JSON.stringify(value))];
  return text.length > longestValue ? `${text.slice(0, longestValue).join('')}…` : text.join('');
}

const defaults = new Map(
  Object.entries<object>(createCustomerSchema.properties).map(([member, schema]) => [
    member,
    'default' in schema ? schema.default : undefined,
  ]),
);

/** What was asked for, on one line: the name has a column of its own, and defaults say nothing. */
function shownParams({ params }: AuditRow): string {
  return Object.entries(params)
    .filter(([member, value]) => member !== 'name' && value !== defaults.get(member))
    .map(([member, value]) => `${member}=${shorten(value)}`)
    .join(' ');
}

function audit(flags: AuditFlags): Promise<void> {
  const since = flags.since === undefined ? undefined : readTime(flags.since, '--since');
  const until = flags.until === undefined ? undefined : readTime(flags.until, '--until');
  const limit = flags.limit === undefined ? undefined : readNumber(flags.limit, '--limit');
  return onDatabase(async ({ db }) => {
    const customer = flags.customer === undefined ? undefined : await chooseCustomer(db, flags.customer);
    const filter = { i_customer: customer?.i_customer, requestId: flags.requestId, since, until, limit };
    await printList(readAuditLog(db, filter), {
      columns: [
        ['time', (row) => row.time],
        ['i_customer', (row) => row.i_customer],
        ['name', (row) => row.name],
        ['mode', (row) => row.mode],
        ['caller', (row) => (row.i_caller === null ? null : `${row.i_caller} ${row.caller}`)],
        ['address', (row) => row.address],
        ['request id', (row) => row.request_id],
        ['params', shownParams],
      ],
      json: flags.json,
      none: 'The audit log has no such row.',
    });
  });
}

/** Adds `admin audit`. */
export function defineAudit(admin: Command): void {
  const auditing = admin
    .command('audit')
    .description('print the audit log, the newest last: who created which customer, from where, with what')
    .option('--customer <customer>', 'only the row of this customer: its id, name or login')
    .option('--request-id <id>', 'only rows of the request with this X-Request-Id')
    .option(
      '--since <time>',
      'only rows from this time on: ISO 8601 (UTC unless it names a zone), or an age: 30m, 2h, 7d',
    )
    .option('--until <time>', 'only rows before this time')
    .option('--limit <number>', 'only the newest so many')
    .option('--json', 'one line of JSON for each row, with all its params; the table leaves out defaults and shortens')
    .action(audit);
  addExamples(
    auditing,
    'admin audit --since 2h',
    'admin audit --since 2026-01-01 --until 2026-02-01 --json',
    "admin audit --customer 'My second customer'",
    'admin audit --request-id 3f6c --limit 1',
  );
}
