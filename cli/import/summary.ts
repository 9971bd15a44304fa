import { jsonLine } from '../print-table.ts';
import { say } from '../say.ts';
import type { Progress } from './progress.ts';
import { amount, duration, progressFields } from './show-progress.ts';

/** How an import has ended. */
export interface Summary {
  readonly importId: string;
  readonly dryRun: boolean;
  readonly progress: Progress;
  readonly createdPath: string | undefined;
  readonly failedPath: string;
  /** Why it ended before its end, in a sentence. */
  readonly stopped: string | undefined;
  /** The command that goes on with it. */
  readonly resume: string;
}

function waiting({ accepted, created, failed }: Progress): number {
  return Math.max(0, accepted - created - failed);
}

function sayStopped({ stopped, resume, progress }: Summary): void {
  if (stopped === undefined) return;
  say(stopped);
  if (waiting(progress) > 0)
    say(`Up to ${amount(waiting(progress))} rows are in the queue; the next run tells their fate.`);
  say('No row is created twice. To go on:');
  say(`  ${resume}`);
}

/** Prints the end for people. */
export function saySummary(summary: Summary): void {
  const { importId, dryRun, progress, createdPath, failedPath } = summary;
  const { read, created, createdBefore, failed, seconds, rowsPerSecond } = progress;
  const what = dryRun ? `Dry run of import ${importId}, nothing was created` : `Import ${importId}`;
  say(
    `${what}: ${amount(read)} ${read === 1 ? 'row' : 'rows'} in ${duration(seconds)} (${amount(rowsPerSecond)} rows/s).`,
  );
  const width = amount(Math.max(created, failed)).length;
  const before = createdBefore === 0 ? '' : `, ${amount(createdBefore)} of them by an earlier run`;
  const where = createdPath === undefined ? '' : `  ${createdPath}${before}`;
  say(`  ${dryRun ? 'good   ' : 'created'}  ${amount(created).padStart(width)}${where}`);
  say(`  failed   ${amount(failed).padStart(width)}  ${failedPath}`);
  sayStopped(summary);
}

/** Prints the end for programs, as a line of JSON. */
export function saySummaryAsJson({ importId, dryRun, progress, stopped, resume, ...paths }: Summary): void {
  say(
    jsonLine({
      event: 'summary',
      import_id: importId,
      dry_run: dryRun,
      ...progressFields(progress),
      ...(paths.createdPath === undefined ? {} : { created_file: paths.createdPath }),
      failed_file: paths.failedPath,
      ...(stopped === undefined ? {} : { stopped, resume }),
    }),
  );
}
