import { realpathSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileImportId, randomImportId, requireImportId } from '../../bulk-import/import-id.ts';
import { type Mapping, requireFitting } from '../../bulk-import/mapping.ts';
import { openSource } from '../../bulk-import/open-source.ts';
import { readFileBytes } from '../../bulk-import/read-bytes.ts';
import type { OpenedSource } from '../../bulk-import/source-record.ts';
import { surveyFile } from '../../bulk-import/survey-file.ts';
import { OperatorError } from '../operator-error.ts';
import { type ImportFlags, readGivenForm } from './read-flags.ts';

/** What the command reads, and what it is called. */
export interface Input {
  readonly importId: string;
  readonly source: OpenedSource;
  /** How many rows there are. Undefined for standard input, which is not read beforehand. */
  readonly total: number | undefined;
  readonly createdPath: string;
  readonly failedPath: string;
  /** True when the command must name the id of the import to go on with it. */
  readonly isIdRandom: boolean;
}

/** The name of the argument that stands for standard input. */
const standardInput = '-';

function requireOwn(path: string, file: string): string {
  const real = (name: string) => {
    try {
      return realpathSync(name);
    } catch {
      return undefined;
    }
  };
  if (real(path) !== undefined && real(path) === real(file)) {
    throw new OperatorError(`${path} is what is to be imported: name another file for the report.`);
  }
  return path;
}

function reportPaths(stem: string, source: OpenedSource, flags: ImportFlags) {
  const extension = source.form.format === 'csv' ? 'csv' : 'ndjson';
  const createdPath = requireOwn(flags.created ?? `${stem}.created.csv`, stem);
  const failedPath = requireOwn(flags.failed ?? `${stem}.failed.${extension}`, stem);
  const isDevice = failedPath.startsWith('/dev/');
  if (createdPath === failedPath && !isDevice) throw new OperatorError('--created and --failed must be two files.');
  return { createdPath, failedPath };
}

/**
 * A file is read twice, and its reports stand beside it: neither is possible with a pipe or a device.
 * @returns whether it is still the same
 */
async function watchFile(path: string): Promise<() => Promise<boolean>> {
  const look = () => stat(path).catch(() => undefined);
  const found = await look();
  const isStream = found && !found.isFile() && !found.isDirectory();
  if (isStream || path.startsWith('/dev/')) {
    throw new OperatorError(`${path} is no file that can be read twice: give it as standard input, import - < ${path}`);
  }
  return async () => {
    const now = await look();
    return now?.ino === found?.ino && now?.size === found?.size && now?.mtimeMs === found?.mtimeMs;
  };
}

/** The same rows, and an error behind the last one when the file that they are read from has changed. */
async function* requireSame<T>(
  rows: AsyncIterable<T>,
  isSame: () => Promise<boolean>,
  says: string,
): AsyncGenerator<T> {
  yield* rows;
  if (!(await isSame())) throw new OperatorError(says);
}

async function openStandardInput(mapping: Mapping, flags: ImportFlags): Promise<Input> {
  const source = await openSource(process.stdin, readGivenForm(flags));
  if (source.header) requireFitting(source.header, mapping);
  const importId = flags.importId === undefined ? randomImportId() : requireImportId(flags.importId);
  const paths = reportPaths(`import-${basename(importId)}`, source, flags);
  return { importId, source, total: undefined, ...paths, isIdRandom: flags.importId === undefined };
}

/**
 * Opens what is to be imported. A file is read once from end to end first.
 * @throws ImportProblem or OperatorError when it cannot be read, or does not fit the mapping
 */
export async function openInput(file: string, mapping: Mapping, flags: ImportFlags): Promise<Input> {
  if (flags.importId !== undefined) requireImportId(flags.importId);
  if (file === standardInput) return openStandardInput(mapping, flags);
  const isSame = await watchFile(file);
  const survey = await surveyFile(file, readGivenForm(flags), (header) => requireFitting(header, mapping));
  const source = await openSource(readFileBytes(file), readGivenForm(flags));
  if (!(await isSame())) throw new OperatorError(`${file} is still being written: import it when it is complete.`);
  const importId = flags.importId ?? fileImportId(survey.digest, mapping);
  const changedSays = `${file} was changed while it was imported: import it with --import-id ${importId} when it is complete, each row on its line, so that none is created twice.`;
  const records = requireSame(source.records, isSame, changedSays);
  const paths = reportPaths(file, source, flags);
  return { importId, source: { ...source, records }, total: survey.rows, ...paths, isIdRandom: false };
}
