import { type FileHandle, open, stat } from 'node:fs/promises';
import { stringify } from 'csv-stringify/sync';
import { ImportProblem } from './import-problem.ts';
import type { FailedRow } from './make-row.ts';
import { reportColumns } from './mapping.ts';
import type { BatchOutcome, CreatedRow } from './read-outcome.ts';
import type { OpenedSource } from './source-record.ts';

/** They hold passwords. */
const ownerOnly = 0o600;

const elsewhere = 'name another place with --created and --failed';

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: `the disk is full: make room, or ${elsewhere}`,
  EDQUOT: `the disk is full for this user: make room, or ${elsewhere}`,
  EACCES: `this user may not write there: ${elsewhere}`,
  EPERM: `this user may not write there: ${elsewhere}`,
  EROFS: `that disk can only be read: ${elsewhere}`,
  ENOENT: `there is no such folder: make it, or ${elsewhere}`,
  ENOTDIR: `there is no such folder: make it, or ${elsewhere}`,
  EISDIR: `it is a folder: ${elsewhere}`,
};

function explain(error: unknown, path: string): ImportProblem {
  if (error instanceof ImportProblem) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new ImportProblem(`${path} cannot be written: ${reasons[code] ?? message}.`);
}

/** A file that is written from its beginning. */
interface Report {
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Notices when somebody else has written, shortened, replaced or removed the file: another run of the import begins it anew, and
 * lines of both would be lost. A device is nobody's alone.
 */
async function createGuard(file: FileHandle, path: string): Promise<(bytesWritten: number) => Promise<void>> {
  const own = await file.stat();
  return async (bytesWritten) => {
    if (!own.isFile()) return;
    const now = await stat(path).catch(() => undefined);
    if (now && now.ino === own.ino && now.dev === own.dev && now.size === bytesWritten) return;
    throw new ImportProblem(`${path} was changed by another program meanwhile: run one import of a file at a time.`);
  };
}

/** Enough for the first line of any report. */
const maxStartBytes = 65_536;

/** What a report begins with: the header of one, or a whole row of NDJSON with what was added to it. */
const startOfReport =
  /^(\ufeff?(.*\W)?line\Wcode\Wmessage\r?$|line,name,i_customer$|\{.*"line":\d+,"code":\d+,"message":")/;

/** A slip of the pen must not cost somebody their customers. */
async function requireReportOrNothing(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile() || found.size === 0) return;
  const file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(maxStartBytes)).finally(() => file.close());
  const [line = ''] = buffer.toString('utf8', 0, bytesRead).split('\n', 1);
  const isCut = line.startsWith('{') && Buffer.byteLength(line) >= maxStartBytes;
  if (isCut || startOfReport.test(line)) return;
  throw new ImportProblem(`${path} is there already and is no report of an import: ${elsewhere}, or remove it.`);
}

async function openReport(path: string): Promise<Report> {
  const attempt = <T>(run: Promise<T>): Promise<T> =>
    run.catch((error: unknown) => {
      throw explain(error, path);
    });
  await attempt(requireReportOrNothing(path));
  const file: FileHandle = await attempt(open(path, 'w', ownerOnly));
  if ((await file.stat()).isFile()) await attempt(file.chmod(ownerOnly));
  const requireOwn = await createGuard(file, path);
  let bytesWritten = 0;
  let last = Promise.resolve();

  async function append(text: string): Promise<void> {
    await requireOwn(bytesWritten);
    await file.appendFile(text);
    bytesWritten += Buffer.byteLength(text);
  }

  /** Chunks may end side by side, and are written one after the other. */
  function write(text: string): Promise<void> {
    if (text === '') return Promise.resolve();
    last = last.then(() => append(text));
    return attempt(last);
  }

  return { write, close: () => attempt(file.close()) };
}

/** All problems of a row, on one line. */
function message({ text }: FailedRow): string {
  return text.split('\n').join('; ');
}

/** A carriage return at the end of a row would be taken for a part of the line break. */
const quotedMatch = /\r/;

type FailedWriter = Pick<OpenedSource, 'form' | 'header'>;

/** The columns of the source that stand in the file of failed rows; those of an earlier such file are written anew. */
function ownColumns(header: readonly string[]): readonly string[] {
  return header.filter((column) => !(reportColumns as readonly string[]).includes(column));
}

function failedCells(row: FailedRow, columns: readonly string[]): readonly unknown[] {
  const { values, surplus = [] } = row.record;
  return [...columns.map((column) => values[column]), row.line, row.code, message(row), ...surplus];
}

function failedText(rows: readonly FailedRow[], { form, header }: FailedWriter): string {
  if (form.format === 'csv') {
    const columns = ownColumns(header ?? []);
    return stringify(
      rows.map((row) => failedCells(row, columns)),
      { delimiter: form.delimiter, quoted_match: quotedMatch },
    );
  }
  const objects = rows.map((row) => ({ ...row.record.values, line: row.line, code: row.code, message: message(row) }));
  return objects.map((object) => `${JSON.stringify(object)}\n`).join('');
}

function failedHeader({ form, header }: FailedWriter): string {
  if (form.format !== 'csv') return '';
  return stringify([[...ownColumns(header ?? []), ...reportColumns]], { delimiter: form.delimiter, bom: form.hasMark });
}

function createdText(rows: readonly CreatedRow[]): string {
  return stringify(
    rows.map(({ line, name, i_customer }) => [line, name, i_customer]),
    { quoted_match: quotedMatch },
  );
}

/**
 * Opens the files that tell what became of each row, batch by batch as they end: `created` (line, name, i_customer) as CSV, and
 * `failed` in the form of the source, so that it can be imported once its rows are mended. Earlier reports of these names are
 * lost, and other files are refused; only their owner can read them.
 * @throws ImportProblem when they cannot be written, or somebody else writes them; later also for each outcome
 */
export async function openReports(options: {
  /** Not written by a dry run, which creates nothing. */
  readonly createdPath: string | undefined;
  readonly failedPath: string;
  readonly source: FailedWriter;
}) {
  const { createdPath, failedPath, source } = options;
  const created = createdPath === undefined ? undefined : await openReport(createdPath);
  const failed = await openReport(failedPath);
  await created?.write('line,name,i_customer\n');
  await failed.write(failedHeader(source));
  return {
    async write(outcome: BatchOutcome): Promise<void> {
      await created?.write(createdText(outcome.created));
      await failed.write(failedText(outcome.failed, source));
    },
    async close(): Promise<void> {
      await created?.close();
      await failed.close();
    },
  };
}
