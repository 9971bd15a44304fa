import type { Command } from 'commander';
import { purgeKeys } from '../../db/idempotency-retention.ts';
import { settingsSchema } from '../../runtime/settings.ts';
import { addExamples } from '../examples.ts';
import { jsonLine } from '../print-table.ts';
import { say } from '../say.ts';
import { onDatabase } from './on-database.ts';
import { readNumber } from './read-arguments.ts';

const { minimum, maximum, default: usualDays } = settingsSchema.properties.IDEMPOTENCY_TTL_DAYS;

const batch = 5000;

function purge(flags: { readonly olderThanDays?: string; readonly json?: boolean }): Promise<void> {
  const range = { from: minimum, to: maximum };
  const given = flags.olderThanDays && readNumber(flags.olderThanDays, '--older-than-days', range);
  return onDatabase(async ({ db, settings }) => {
    const olderThanDays = given || settings.IDEMPOTENCY_TTL_DAYS;
    const deleted = await purgeKeys(db, { olderThanDays, batch });
    if (flags.json) return say(jsonLine({ deleted, older_than_days: olderThanDays }));
    const days = olderThanDays === 1 ? 'day' : 'days';
    say(`Deleted ${deleted} idempotency ${deleted === 1 ? 'key' : 'keys'} older than ${olderThanDays} ${days}.`);
  });
}

/** Adds `admin key`. */
export function defineKey(admin: Command): void {
  const group = admin
    .command('key')
    .helpCommand(false)
    .description('idempotency keys: what tells a repeated call from a new one');

  const purging = group
    .command('purge')
    .description('delete old idempotency keys; a call that is repeated later than that creates another customer')
    .option(
      '--older-than-days <number>',
      `age in days, ${minimum} to ${maximum} (default: IDEMPOTENCY_TTL_DAYS, ${usualDays} unless set)`,
    )
    .option('--json', 'print how many were deleted as a line of JSON')
    .action(purge);
  const examples = ['admin key purge', 'admin key purge --older-than-days 90'];
  addExamples(purging, ...examples).addHelpText('after', '\nWorkers do it by themselves, once an hour.');
  addExamples(group, ...examples);
}
