import type { Database } from './connect.ts';

/** Expired claims are swept out by whoever claims something, at most once in this time. */
const sweepEveryMs = 60_000;

const millisecondsPerSecond = 1000;

const insertClaim = `
  INSERT INTO claims (claim, expires_at) VALUES (?, now() + make_interval(secs => ?)) ON CONFLICT DO NOTHING`;

/** Claims that all processes share: each can be made once in its lifetime. */
export function createClaims(db: Database) {
  let sweptAt = 0;

  async function sweep(): Promise<void> {
    if (Date.now() - sweptAt < sweepEveryMs) return;
    sweptAt = Date.now();
    await db('claims').where('expires_at', '<', db.fn.now()).delete();
  }

  /** True for the first who claims it, false for everybody else until it expires. */
  return async function claimOnce(claim: string, lifetimeMs: number): Promise<boolean> {
    await sweep();
    const { rowCount } = await db.raw(insertClaim, [claim, lifetimeMs / millisecondsPerSecond]);
    return rowCount === 1;
  };
}
