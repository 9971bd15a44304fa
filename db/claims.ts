import { createMicroBatch } from '../runtime/micro-batch.ts';
import type { Database } from './connect.ts';
import { runPrepared } from './prepared.ts';

/** Expired claims are swept out by whoever claims something, at most once in this time. */
const sweepEveryMs = 60_000;

const maxClaimsInStatement = 500;

interface Claim {
  readonly claim: string;
  readonly lifetimeMs: number;
}

/** In an order, so that two who claim the same ones wait for each other one way. */
const insertClaims = {
  name: 'insert-claims',
  text: `
    INSERT INTO claims (claim, expires_at)
    SELECT claim, now() + ms * interval '1 millisecond' FROM unnest($1::text[], $2::integer[]) AS given (claim, ms)
    ORDER BY claim
    ON CONFLICT DO NOTHING
    RETURNING claim`,
};

/** Claims that all processes share: each can be made once in its lifetime. Those that come at once share a round trip. */
export function createClaims(db: Database): (claim: string, lifetimeMs: number) => Promise<boolean> {
  let sweptAt = 0;

  async function sweep(): Promise<void> {
    if (Date.now() - sweptAt < sweepEveryMs) return;
    sweptAt = Date.now();
    await db('claims').where('expires_at', '<', db.fn.now()).delete();
  }

  async function insert(claims: readonly Claim[]): Promise<readonly boolean[]> {
    await sweep();
    const values = [claims.map(({ claim }) => claim), claims.map(({ lifetimeMs }) => lifetimeMs)];
    const rows = await runPrepared<{ readonly claim: string }>(db, insertClaims, values);
    const made = new Set(rows.map(({ claim }) => claim));
    // The same claim twice in one statement is made once: the first takes it out of the set.
    return claims.map(({ claim }) => made.delete(claim));
  }

  const add = createMicroBatch({ run: insert, maxItems: maxClaimsInStatement });

  /** True for the first who claims it, false for everybody else until it expires. */
  return (claim, lifetimeMs) => add({ claim, lifetimeMs });
}
