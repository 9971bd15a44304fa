import type { Database } from '../db/connect.ts';
import type { NewCustomer, NewCustomerCall } from '../db/customers.ts';
import type { ProblemFinder } from '../db/find-problems.ts';
import type { Chunk } from '../queue/import-queue.ts';
import { createLanes } from '../runtime/lanes.ts';
import type { Precedence } from '../runtime/precedence.ts';
import { mapSideBySide } from '../runtime/side-by-side.ts';
import { insertRows } from './insert-rows.ts';
import type { createProtector } from './protect-passwords.ts';
import { type Candidate, type Refused, suspectOf } from './read-rows.ts';
import { retryForImport } from './retry.ts';
import { createSieve } from './sift-rows.ts';
import { splitTwins } from './twins.ts';

/** Stands in the audit log for a producer that does not say who it is. */
const defaultProducer = 'import';

/** Rows that were not created: those of which more may be wrong, and those whose key is the whole reason. */
export interface NotCreated {
  readonly refused: readonly Refused[];
  readonly keyInUse: readonly number[];
}

function toCall(chunk: Chunk, candidate: Candidate, customer: NewCustomer): NewCustomerCall {
  const { line, i_wholesaler, key, paramsHashes } = candidate;
  const creation = {
    i_wholesaler,
    key,
    paramsHash: paramsHashes[0],
    mode: 'trusted',
    i_caller: null,
    address: chunk.producer ?? defaultProducer,
    requestId: `${chunk.import_id}.${line}`,
    deadline: null,
  } as const;
  return { customer, creation };
}

/** While calls come, no statement of an import takes a processor from them for longer than some 10 ms. */
const rowsBesideCalls = 60;

/**
 * Makes the creation of a chunk's rows: weak passwords and matching rules are refused, and those whose key was used before
 * are done, before the costly hash; the others are hashed and inserted together.
 */
export function createRowCreator(parts: {
  readonly db: Database;
  readonly finder: ProblemFinder;
  readonly protect: ReturnType<typeof createProtector>;
  /** How many passwords are hashed at a time: more than there are processors only slows others. */
  readonly hashesAtATime: number;
  /** Asked before each costly step: single calls go first. */
  readonly precedence: Precedence;
}): (chunk: Chunk, candidates: readonly Candidate[]) => Promise<NotCreated> {
  const { db, finder, protect, hashesAtATime, precedence } = parts;
  const sift = createSieve({ db, finder });
  // Chunks are prepared side by side; a second statement at the same time would take a processor from single calls.
  const statements = createLanes(1);
  // While one chunk is inserted, the other has all processors for its hashes.
  const hashes = createLanes(hashesAtATime);

  function protectInTurn({ params, secret }: Candidate): Promise<NewCustomer> {
    if ('web_password_hash' in secret) return protect(params, secret);
    return hashes.run(async () => {
      await precedence.giveWay();
      return protect(params, secret);
    });
  }

  async function insert(chunk: Chunk, candidates: readonly Candidate[]): Promise<NotCreated> {
    const calls = await mapSideBySide(hashesAtATime, candidates, async (candidate) => {
      return toCall(chunk, candidate, await protectInTurn(candidate));
    });
    const findProblems = () => finder.findAllOfMany(candidates.map(suspectOf));
    const results = await statements.run(async () => {
      await precedence.giveWay();
      return retryForImport(() => insertRows(db, calls, findProblems));
    });
    const refused: Refused[] = [];
    const keyInUse: number[] = [];
    for (const [row, candidate] of candidates.entries()) {
      const result = results[row];
      if (!result || 'late' in result) throw new Error('The database answered nothing about a row');
      if ('forbidden' in result) refused.push({ ...suspectOf(candidate), problems: result.forbidden });
      else if (!candidate.paramsHashes.includes(result.paramsHash)) keyInUse.push(candidate.line);
    }
    return { refused, keyInUse };
  }

  return async function create(chunk, candidates) {
    const { good, refused, keyInUse } = await sift(candidates);
    const { firsts, twins } = splitTwins(good);
    const ends: NotCreated[] = [{ refused, keyInUse }];
    for (const rows of [firsts, twins]) {
      for (let next = 0; next < rows.length; ) {
        const part = precedence.isCalm() ? rows.slice(next) : rows.slice(next, next + rowsBesideCalls);
        next += part.length;
        ends.push(await insert(chunk, part));
      }
    }
    return { refused: ends.flatMap((end) => end.refused), keyInUse: ends.flatMap((end) => end.keyInUse) };
  };
}
