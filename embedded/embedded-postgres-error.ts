/**
 * A failure that the operator can mend. The message is one clear sentence that says what to change; the
 * technical error, where there is one, is its `cause`.
 */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

const useAnotherDatabase = 'set DATABASE_URL to a PostgreSQL 14 or newer';

/**
 * The error for a machine on which the packaged PostgreSQL cannot run: `reason` is a main clause without a full stop,
 * and the way out (another database) is added.
 */
export function noEmbeddedPostgres(reason: string, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(`${reason}; ${useAnotherDatabase}.`, { cause });
}

const notWritable = 'cannot be written: give this user the right to write there, or set DATA_DIR to another folder.';
const inTheWay = 'is a file where a folder must be: move it away, or set DATA_DIR to another folder.';
const diskFull = 'cannot be written because the disk or the quota is full: free some space.';

const sentenceByCode: Readonly<Record<string, string>> = {
  EACCES: notWritable,
  EPERM: notWritable,
  EROFS: notWritable,
  EEXIST: inTheWay,
  ENOTDIR: inTheWay,
  ENOSPC: diskFull,
  EDQUOT: diskFull,
};

/**
 * Turns a file system error (by its `code`) into the operator's sentence about `folder`. Any other error, also one
 * that has its sentence already, is returned as it is.
 */
export function explainFileError(error: unknown, folder: string): unknown {
  if (!(error instanceof Error) || error instanceof EmbeddedPostgresError) return error;
  const { code, path = folder } = error as NodeJS.ErrnoException;
  const sentence = code === undefined ? undefined : sentenceByCode[code];
  return sentence === undefined ? error : new EmbeddedPostgresError(`"${path}" ${sentence}`, { cause: error });
}

/** The `code` of a Node system error such as `ENOENT`, or undefined for everything else. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

const complaint = /\b(?:error|ERROR|FATAL|PANIC): .*/;

/**
 * The last error in PostgreSQL's output, without time and process, or else the last line. (The errors need not stand
 * last: PostgreSQL goes on to talk about its cleaning up.)
 */
export function findReason(output: string): string {
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== '');
  const found = lines.map((line) => complaint.exec(line)?.[0]).findLast((text) => text !== undefined);
  return (found ?? lines.at(-1) ?? '').trim();
}
