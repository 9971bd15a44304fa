import type { Database } from './connect.ts';
import { type Batches, deleteInBatches } from './delete-in-batches.ts';

/** A row of an import that was not created. */
export interface ImportFailure {
  readonly line: number;
  readonly code: number;
  /** All problems, one a line, the gravest first. */
  readonly text: string;
}

/** A chunk that is done. */
export interface DoneChunk {
  readonly import_id: string;
  readonly chunk: number;
  readonly dry_run: boolean;
  readonly created: number;
  readonly failures: readonly ImportFailure[];
}

const writeFailures = `
    INSERT INTO import_failures (import_id, line, chunk, code, text)
    SELECT :import_id, line, :chunk, code, text
    FROM jsonb_to_recordset(CAST(:failures AS jsonb)) AS failure (line integer, code integer, text text)
    ON CONFLICT (import_id, line) DO UPDATE SET chunk = excluded.chunk, code = excluded.code, text = excluded.text`;

const writeChunk = `
  WITH failed AS (${writeFailures}
  ), mended AS (
    DELETE FROM import_failures
    WHERE import_id = :import_id AND chunk = :chunk AND line <> ALL (CAST(:lines AS integer[]))
  )
  INSERT INTO import_chunks (import_id, chunk, dry_run, created, failed)
  VALUES (:import_id, :chunk, :dry_run, :created, :failed)
  ON CONFLICT (import_id, chunk)
  DO UPDATE SET dry_run = excluded.dry_run, created = excluded.created, failed = excluded.failed, done_at = now()`;

/** So many characters of reasons go into one statement: to write out megabytes at once would hold up everything else of the process. */
const maxTextTogether = 250_000;

/** Failures in groups whose text is not too long, each of one at least. */
function groupsOf(failures: readonly ImportFailure[]): readonly (readonly ImportFailure[])[] {
  const groups: ImportFailure[][] = [];
  let room = 0;
  for (const failure of failures) {
    room -= failure.text.length;
    const group = room < 0 ? undefined : groups.at(-1);
    if (group) group.push(failure);
    else {
      groups.push([failure]);
      room = maxTextTogether - failure.text.length;
    }
  }
  return groups;
}

/**
 * Notes that a chunk is done, and which of its rows failed; a second time replaces the first. Failures that are written before their chunk
 * is done count for nothing.
 */
export async function finishChunk(db: Database, done: DoneChunk): Promise<void> {
  const { failures, ...chunk } = done;
  const groups = groupsOf(failures);
  for (const group of groups.slice(0, -1)) await db.raw(writeFailures, { ...chunk, failures: JSON.stringify(group) });
  const last = JSON.stringify(groups.at(-1) ?? []);
  const lines = failures.map(({ line }) => line);
  await db.raw(writeChunk, { ...chunk, failed: failures.length, failures: last, lines });
}

/** Which of these chunks are done, and their failed rows. */
export async function findDoneChunks(
  db: Database,
  import_id: string,
  chunks: readonly number[],
): Promise<readonly DoneChunk[]> {
  const done = await db('import_chunks').where({ import_id }).whereIn('chunk', chunks);
  if (done.length === 0) return [];
  const numbers = done.map(({ chunk }) => chunk);
  const failures = await db('import_failures').where({ import_id }).whereIn('chunk', numbers).orderBy('line');
  return done.map(({ chunk, dry_run, created }) => ({
    import_id,
    chunk,
    dry_run,
    created,
    failures: failures
      .filter((failure) => failure.chunk === chunk)
      .map(({ line, code, text }) => ({ line, code, text })),
  }));
}

const forget = `
  WITH failures AS (
    DELETE FROM import_failures WHERE import_id = :import_id AND chunk = ANY (CAST(:chunks AS integer[]))
  )
  DELETE FROM import_chunks WHERE import_id = :import_id AND chunk = ANY (CAST(:chunks AS integer[]))`;

/** Forgets what became of these chunks, so that only what happens from now on counts. */
export async function forgetChunks(db: Database, import_id: string, chunks: readonly number[]): Promise<void> {
  await db.raw(forget, { import_id, chunks: [...chunks] });
}

/** A name, login or alias that a row of a dry run would take. */
export interface ImportClaim {
  readonly member: string;
  readonly value: string;
  readonly line: number;
}

const claim = `
  WITH given AS (
    SELECT DISTINCT ON (member, value) member, value, line
    FROM jsonb_to_recordset(CAST(:claims AS jsonb)) AS claim (member text, value text, line integer)
    ORDER BY member, value, line
  ), made AS (
    INSERT INTO import_claims (import_id, member, value, line)
    SELECT :import_id, member, value, line FROM given ORDER BY member, value
    ON CONFLICT (import_id, member, value) DO UPDATE SET line = import_claims.line
    RETURNING member, value, line
  )
  SELECT claim.member, claim.line
  FROM jsonb_to_recordset(CAST(:claims AS jsonb)) AS claim (member text, value text, line integer)
  JOIN made USING (member, value)
  WHERE made.line <> claim.line`;

/** Claims values for the rows of a dry run, and tells which of them another row of the same import has claimed before. */
export async function claimValues(
  db: Database,
  import_id: string,
  claims: readonly ImportClaim[],
): Promise<readonly Pick<ImportClaim, 'member' | 'line'>[]> {
  const { rows } = await db.raw(claim, { import_id, claims: JSON.stringify(claims) });
  return rows;
}

/** A dry run of a million rows claims two or three million values. */
const claimsAtATime = 1000;

const forgetSomeClaims = `
  DELETE FROM import_claims
  WHERE (import_id, member, value) IN (
    SELECT import_id, member, value FROM import_claims
    WHERE import_id = :import_id
    ORDER BY import_id, member, value LIMIT :batch FOR UPDATE
  )`;

/**
 * Forgets the claims of a dry run that has ended, or of one that begins again, some at a time. When the signal stops it, the
 * rest is forgotten by the next run, or with its chunks by `purgeImports`.
 */
export async function forgetClaims(
  db: Database,
  import_id: string,
  { batch = claimsAtATime, signal }: Partial<Batches> = {},
): Promise<void> {
  await deleteInBatches(db, forgetSomeClaims, { import_id, batch, signal });
}
