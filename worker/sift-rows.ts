import type { Database } from '../db/connect.ts';
import type { ProblemFinder } from '../db/find-problems.ts';
import type { Problem } from '../schemas/faults.ts';
import { findFresh } from './find-fresh.ts';
import { type Candidate, type Refused, suspectOf } from './read-rows.ts';
import { retryForImport } from './retry.ts';

/** Rows that are worth a hash and an insert, and the others. */
interface Sifted {
  readonly good: readonly Candidate[];
  readonly refused: readonly Refused[];
  /** Lines whose key was used with other parameters. */
  readonly keyInUse: readonly number[];
}

/**
 * Makes what finds the rows that are worth a hash: those of weak passwords and wrong matching rules are refused, and those
 * whose key was used before are done. The statement that inserts finds used keys as well; it comes too late for rows that
 * would be hashed or refused.
 */
export function createSieve(parts: {
  readonly db: Database;
  readonly finder: ProblemFinder;
}): (candidates: readonly Candidate[]) => Promise<Sifted> {
  const { db, finder } = parts;

  async function judge(candidates: readonly Candidate[]) {
    const good: Candidate[] = [];
    const bad = new Map<Candidate, readonly Problem[]>();
    for (const candidate of candidates) {
      const problems = await retryForImport(() => finder.findBeyondConstraints(suspectOf(candidate).params));
      if (problems.length === 0) good.push(candidate);
      else bad.set(candidate, problems);
    }
    return { good, bad };
  }

  return async function sift(candidates) {
    const { good, bad } = await judge(candidates);
    const toHash = good.filter(({ secret }) => 'web_password' in secret);
    const { fresh, keyInUse } = await findFresh(db, [...bad.keys(), ...toHash]);
    const isFresh = new Set(fresh);
    return {
      good: good.filter((candidate) => 'web_password_hash' in candidate.secret || isFresh.has(candidate)),
      refused: [...bad].flatMap(([candidate, problems]) =>
        isFresh.has(candidate) ? [{ ...suspectOf(candidate), problems }] : [],
      ),
      keyInUse,
    };
  };
}
