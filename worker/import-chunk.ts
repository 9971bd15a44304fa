import { setImmediate } from 'node:timers/promises';
import type { Database } from '../db/connect.ts';
import { createProblemFinder } from '../db/find-problems.ts';
import { finishChunk, type ImportFailure } from '../db/imports.ts';
import type { Chunk } from '../queue/import-queue.ts';
import type { ParamsHashes } from '../runtime/params-hash.ts';
import type { Precedence } from '../runtime/precedence.ts';
import type { Sealer } from '../runtime/seal.ts';
import { faults, type Problem, toFault } from '../schemas/faults.ts';
import type { ChunkResult } from '../schemas/import-job.ts';
import { createParameterCheck } from '../schemas/validate.ts';
import { createRowCreator } from './create-rows.ts';
import { createProtector } from './protect-passwords.ts';
import { type Candidate, createRowReader, type Refused } from './read-rows.ts';
import { createRowRehearsal } from './rehearse-rows.ts';
import { retryForImport } from './retry.ts';

interface Dependencies {
  readonly db: Database;
  readonly sealer: Sealer;
  readonly realm: string;
  readonly hashPassword: (password: string) => Promise<string>;
  /** How many passwords are hashed at a time: more than there are processors only slows others. */
  readonly hashesAtATime: number;
  /** Of single calls of the same process. */
  readonly precedence: Precedence;
  readonly hashParams: (params: Readonly<Record<string, unknown>>) => ParamsHashes;
}

/** Read, or explained, without a pause. */
const rowsAtATime = 20;

function isCandidate(row: Candidate | Refused): row is Candidate {
  return 'key' in row;
}

function toFailure(line: number, [first, ...rest]: readonly Problem[]): ImportFailure {
  if (!first) throw new Error(`Line ${line} was refused without a problem`);
  return { line, ...toFault([first, ...rest]) };
}

/**
 * Makes the operation of the worker for imports: a chunk in, what became of its rows into the database. Each row is created
 * once, however often its chunk runs, for each has a key. A bad row fails alone, with every reason.
 * @throws StillFailing when the database was away for too long; whatever was created until then is found again
 */
export function createChunkImporter(dependencies: Dependencies): (chunk: Chunk) => Promise<ChunkResult> {
  const { db, hashParams, hashesAtATime, precedence } = dependencies;
  const finder = createProblemFinder(db);
  const readRow = createRowReader({ check: createParameterCheck(), hashParams });
  const create = createRowCreator({ db, finder, protect: createProtector(dependencies), hashesAtATime, precedence });
  const rehearse = createRowRehearsal({ db, finder });

  /** Other jobs of this process, and the locks of this one, get their turn in between. */
  async function readAll({ import_id, rows }: Chunk): Promise<readonly (Candidate | Refused)[]> {
    const read: (Candidate | Refused)[] = [];
    for (const row of rows) {
      if (read.length % rowsAtATime === 0) {
        await setImmediate();
        await precedence.giveWay();
      }
      read.push(readRow(import_id, row));
    }
    return read;
  }

  /** Adds everything else that is wrong with rows of which one problem is known. */
  async function explain(refused: readonly Refused[]): Promise<readonly ImportFailure[]> {
    if (refused.length === 0) return [];
    const others = await retryForImport(() => finder.findAllOfMany(refused));
    const explained: ImportFailure[] = [];
    for (const [row, { line, problems }] of refused.entries()) {
      if (row % rowsAtATime === 0) await setImmediate();
      explained.push(toFailure(line, [...problems, ...(others[row] ?? [])]));
    }
    return explained;
  }

  return async function importChunk(chunk) {
    const rows = await readAll(chunk);
    const misshapen = rows.filter((row): row is Refused => !isCandidate(row));
    const { refused, keyInUse } = await (chunk.dry_run ? rehearse : create)(chunk, rows.filter(isCandidate));
    const explained = await explain([...misshapen, ...refused]);
    const failures = [...explained, ...keyInUse.map((line) => toFailure(line, [faults.keyInUse()]))];
    const { import_id, chunk: number, dry_run = false } = chunk;
    const created = rows.length - failures.length;
    await retryForImport(() => finishChunk(db, { import_id, chunk: number, dry_run, created, failures }));
    return { created, failed: failures.length };
  };
}
