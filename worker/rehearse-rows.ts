import type { Database } from '../db/connect.ts';
import type { ProblemFinder } from '../db/find-problems.ts';
import { claimValues, type ImportClaim } from '../db/imports.ts';
import type { Chunk } from '../queue/import-queue.ts';
import { faults, type Problem } from '../schemas/faults.ts';
import type { NotCreated } from './create-rows.ts';
import { findFresh } from './find-fresh.ts';
import { type Candidate, suspectOf } from './read-rows.ts';
import { retryForImport } from './retry.ts';
import { uniqueValuesOf } from './twins.ts';

function claimsOf(candidate: Candidate): readonly ImportClaim[] {
  return uniqueValuesOf(candidate).map((value) => ({ ...value, line: candidate.line }));
}

/** Finds rows that want what another row of the same import wants: the first line that claims it keeps it. */
async function findTwins(db: Database, importId: string, candidates: readonly Candidate[]) {
  const lost = await claimValues(db, importId, candidates.flatMap(claimsOf));
  const byLine = new Map<number, readonly Problem[]>();
  for (const { line, member } of lost) byLine.set(line, [...(byLine.get(line) ?? []), faults.inUse(member)]);
  return byLine;
}

/** Makes the rehearsal of a chunk's rows: everything that can be checked without writing, also against the rows before. */
export function createRowRehearsal(parts: {
  readonly db: Database;
  readonly finder: ProblemFinder;
}): (chunk: Chunk, candidates: readonly Candidate[]) => Promise<NotCreated> {
  const { db, finder } = parts;
  return async function rehearse(chunk, candidates) {
    const { fresh, keyInUse } = await findFresh(db, candidates);
    const suspects = fresh.map(suspectOf);
    const problems = await retryForImport(() => finder.findAllOfMany(suspects));
    const sound = fresh.filter((_, row) => problems[row]?.length === 0);
    const twins = await retryForImport(() => findTwins(db, chunk.import_id, sound));
    const judged = suspects.map((suspect, row) => ({
      ...suspect,
      problems: [...(problems[row] ?? []), ...(twins.get(suspect.line) ?? [])],
    }));
    return { refused: judged.filter((row) => row.problems.length > 0), keyInUse };
  };
}
