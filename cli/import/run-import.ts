import { constants, setPriority } from 'node:os';
import { type ImportEvents, importRows } from '../../bulk-import/import-rows.ts';
import { Interrupted } from '../../bulk-import/insist.ts';
import { createRowMaker, type FailedRow, type ReadyRow } from '../../bulk-import/make-row.ts';
import type { Mapping } from '../../bulk-import/mapping.ts';
import { openReports } from '../../bulk-import/report-files.ts';
import { loadSettings } from '../../runtime/config.ts';
import { holdMemory } from '../../runtime/hold-memory.ts';
import { type Closer, createCloser, waitForSignal } from '../../runtime/shutdown.ts';
import { explain } from '../explain-error.ts';
import { allSaid } from '../say.ts';
import { type ImportGround, openImportGround } from './open-import-ground.ts';
import { type Input, openInput } from './open-input.ts';
import { createProgress, type ProgressCount } from './progress.ts';
import { type ImportFlags, type Pace, readMapping, readPace } from './read-flags.ts';
import { resumeCommand } from './resume-command.ts';
import { type Display, openDisplay } from './show-progress.ts';
import { saySummary, saySummaryAsJson } from './summary.ts';
import { awaySentence, backSentence, noWorkerSentence } from './tell.ts';

/**
 * What rows leave behind is old by the time their chunk has ended, so that an import would take a third more memory without. It
 * costs no time that can be measured.
 */
const heapGrowthPercent = 50;

/** Everything that one run of the command works with. */
interface Run {
  readonly flags: ImportFlags;
  readonly pace: Pace;
  readonly input: Input;
  readonly ground: ImportGround;
  readonly makeRow: ReturnType<typeof createRowMaker>;
  readonly count: ProgressCount;
  readonly display: Display;
  readonly stop: ReturnType<typeof createStop>;
}

/** A worker that is started again at this moment is there in time. */
const noWorkerPatienceMs = 2000;

/** Something that ends the import, the first reason counts. */
function createStop() {
  const controller = new AbortController();
  let reason: string | undefined;
  return {
    signal: controller.signal,
    reason: () => reason,
    now(why: string): void {
      reason ??= why;
      controller.abort();
    },
  };
}

async function* readRows({ input, makeRow, count }: Run): AsyncGenerator<ReadyRow | FailedRow> {
  for await (const record of input.source.records) {
    count.readOne();
    yield makeRow(record);
  }
}

function eventsOf({ display, count, stop, pace, ground }: Run, report: ImportEvents['onOutcome']): ImportEvents {
  let noWorkerSince: number | undefined;
  let isToldOfNoWorker = false;
  return {
    onAccepted: count.accept,
    async onOutcome(outcome) {
      await report(outcome);
      count.end(outcome);
      if (count.failed() > pace.maxErrors) stop.now(`Stopped: more than ${pace.maxErrors} rows have failed.`);
    },
    onAway: (what, error) => display.notice(awaySentence(what, error)),
    onBack: (what) => display.notice(backSentence(what)),
    async onNoWorker() {
      if ((await ground.startOwnWorker()) || isToldOfNoWorker) return;
      noWorkerSince ??= Date.now();
      if (Date.now() - noWorkerSince < noWorkerPatienceMs) return;
      display.notice(noWorkerSentence);
      isToldOfNoWorker = true;
    },
  };
}

/** Imports, and tells why it ended early, if it did. */
async function importAll(run: Run): Promise<string | undefined> {
  const { flags, pace, input, ground, stop } = run;
  const { importId, source, createdPath, failedPath } = input;
  const { dryRun } = flags;
  const reports = await openReports({ createdPath: dryRun ? undefined : createdPath, failedPath, source });
  try {
    await importRows({
      ...{ importId, rows: readRows(run), dryRun },
      ...{ db: ground.db, queue: ground.queue, ...pace, signal: stop.signal },
      events: eventsOf(run, reports.write),
    });
    await reports.close();
    return stop.reason();
  } catch (error) {
    if (error instanceof Interrupted) return stop.reason();
    const sentence = explain(error);
    if (sentence === undefined) throw error;
    return sentence;
  }
}

function summarize({ flags, input, count, display }: Run, stopped: string | undefined): 0 | 1 | 2 {
  const { importId, createdPath, failedPath, isIdRandom } = input;
  const { dryRun = false, json } = flags;
  display.end();
  const progress = count.sum();
  (json ? saySummaryAsJson : saySummary)({
    ...{ importId, dryRun, progress, failedPath, stopped },
    createdPath: dryRun ? undefined : createdPath,
    resume: resumeCommand(process.argv.slice(2), isIdRandom ? importId : undefined),
  });
  if (stopped !== undefined) return 1;
  return progress.failed > 0 ? 2 : 0;
}

function stopAtSignal({ stop, display }: Pick<Run, 'stop' | 'display'>): void {
  void waitForSignal().then((signal) => {
    display.notice('Ending: what is in the queue is finished first. Ctrl-C again ends at once.');
    stop.now(signal === 'SIGINT' ? 'Stopped by Ctrl-C.' : `Stopped by ${signal}.`);
  });
}

async function runOnGround(file: string, options: { mapping: Mapping; flags: ImportFlags; closer: Closer }) {
  const { mapping, flags, closer } = options;
  const pace = readPace(flags);
  const input = await openInput(file, mapping, flags);
  const ground = await openImportGround(loadSettings(), closer);
  const count = createProgress(input.total);
  const display = openDisplay({ json: flags.json === true, total: input.total });
  const makeRow = createRowMaker({ mapping, isCsv: input.source.form.format === 'csv' });
  const run: Run = { flags, pace, input, ground, makeRow, count, display, stop: createStop() };
  stopAtSignal(run);
  if (input.isIdRandom)
    display.notice(`Import ${input.importId}: with --import-id ${input.importId} it can be resumed.`);
  const timer = setInterval(() => display.show(count.look()), display.everyMs);
  const stopped = await importAll(run).finally(() => clearInterval(timer));
  return summarize(run, stopped);
}

/**
 * Imports a file, or standard input, shows how far it is and says what became of it.
 * @returns the exit code: 0 when all rows were created, 2 when some failed, 1 when it was aborted
 */
export async function runImport(file: string, flags: ImportFlags): Promise<0 | 1 | 2> {
  // Whoever answers calls on the same machine goes first.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  holdMemory(heapGrowthPercent);
  const closer = createCloser();
  try {
    return await runOnGround(file, { mapping: readMapping(flags), flags, closer });
  } finally {
    await allSaid();
    await closer.closeAll();
  }
}
