import { LRUCache } from 'lru-cache';
import { detached, isShared, issuedAtMs } from './nonce.ts';

/** One that is forgotten is refused from then on. */
const maxOwned = 10_000;

/** Clients count up, and may be overtaken by themselves. Of a nonce with more counts than these beyond a gap, the gaps count as used. */
const maxStray = 100;

/** A replica that has met a nonce of another's gives out shared ones for so long. */
const spreadForMs = 3_600_000;

/** The counts of one nonce that are used: all from the first to the last, both included, and those beyond a gap. */
interface Counts {
  first: number;
  last: number;
  stray: Set<number> | undefined;
}

/** Of a new nonce none is used. */
export function createCounts(): Counts {
  return { first: 0, last: -1, stray: undefined };
}

/** Takes a count, in any order, and tells whether it is new. Memory is bounded, and small where clients count up. */
export function takeCount(counts: Counts, count: number): boolean {
  const { first, last, stray } = counts;
  if ((count >= first && count <= last) || stray?.has(count)) return false;
  if (last < first) [counts.first, counts.last] = [count, count];
  else if (count === last + 1) counts.last = count;
  else counts.stray = (stray ?? new Set()).add(count);
  if (counts.stray) join(counts, counts.stray);
  return true;
}

/** Joins what is no longer beyond a gap, and closes the gaps when there are too many beyond them. */
function join(counts: Counts, stray: Set<number>): void {
  while (stray.delete(counts.first - 1)) counts.first -= 1;
  while (stray.delete(counts.last + 1)) counts.last += 1;
  if (stray.size > maxStray) {
    counts.first = Math.min(counts.first, ...stray);
    counts.last = Math.max(counts.last, ...stray);
    stray.clear();
  }
  if (stray.size === 0) counts.stray = undefined;
}

/**
 * Makes what sees to it that each nonce and count is used once, by all replicas together. A nonce is counted in the memory of the replica
 * that was the first to see it, and refused by the others: the store that all share is asked once for a nonce. A client
 * whose calls go to several replicas is given a shared nonce instead, each count of which is claimed in the store.
 */
export function createNonceCounts(parts: {
  /** True for the first of all replicas that claims it. */
  readonly claim: (claim: string) => Promise<boolean>;
  readonly now?: () => number;
}) {
  const { claim, now = Date.now } = parts;
  const owned = new LRUCache<string, Counts>({ max: maxOwned });
  const claiming = new Map<string, Promise<Counts | undefined>>();
  const since = now();
  let spreadUntil = 0;

  async function own(nonce: string): Promise<Counts | undefined> {
    if (await claim(nonce)) {
      const counts = createCounts();
      owned.set(detached(nonce), counts);
      return counts;
    }
    // What was issued before may be our own, of a former life.
    if (issuedAtMs(nonce) > since) spreadUntil = now() + spreadForMs;
    return undefined;
  }

  function ownOnce(nonce: string): Promise<Counts | undefined> {
    const begun = claiming.get(nonce) ?? own(nonce).finally(() => claiming.delete(nonce));
    claiming.set(nonce, begun);
    return begun;
  }

  return {
    /** Whether this nonce and count (eight hex digits) are there for the first time. Rejects when the store is away. */
    take(nonce: string, nc: string): boolean | Promise<boolean> {
      const count = Number.parseInt(nc, 16);
      const counts = owned.get(nonce);
      if (counts) return takeCount(counts, count);
      if (isShared(nonce)) return claim(`${nonce}:${count}`);
      return ownOnce(nonce).then((found) => found !== undefined && takeCount(found, count));
    },
    /** True when a client was here lately with a nonce that another replica owns: then the next ones are better shared. */
    isSpread: () => now() < spreadUntil,
  };
}
