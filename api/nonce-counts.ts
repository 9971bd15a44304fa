import { LRUCache } from 'lru-cache';
import { detached, isShared, issuedAtMs } from './nonce.ts';

/** One that is forgotten is refused from then on. */
const maxOwned = 10_000;

/** Clients count up, and may be overtaken by themselves. Of a nonce with more counts than these beyond a gap, the gaps count as used. */
const maxStray = 100;

/** A replica that has met a nonce of another's gives out shared ones for so long. */
const spreadForMs = 3_600_000;

/** Takes the counts of one nonce in any order, and tells whether each is new. Its memory is bounded. */
export function createCounts(): (count: number) => boolean {
  const stray = new Set<number>();
  /** All counts from the first to the last, both included, are used. */
  let [first, last] = [Number.NaN, Number.NaN];

  function closeGaps(): void {
    first = Math.min(first, ...stray);
    last = Math.max(last, ...stray);
    stray.clear();
  }

  return function take(count) {
    if ((count >= first && count <= last) || stray.has(count)) return false;
    if (Number.isNaN(first)) [first, last] = [count, count];
    else stray.add(count);
    while (stray.delete(first - 1)) first -= 1;
    while (stray.delete(last + 1)) last += 1;
    if (stray.size > maxStray) closeGaps();
    return true;
  };
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
  const owned = new LRUCache<string, ReturnType<typeof createCounts>>({ max: maxOwned });
  const claiming = new Map<string, Promise<ReturnType<typeof createCounts> | undefined>>();
  const since = now();
  let spreadUntil = 0;

  async function own(nonce: string) {
    if (await claim(nonce)) {
      const take = createCounts();
      owned.set(detached(nonce), take);
      return take;
    }
    // What was issued before may be our own, of a former life.
    if (issuedAtMs(nonce) > since) spreadUntil = now() + spreadForMs;
    return undefined;
  }

  function ownOnce(nonce: string) {
    const begun = claiming.get(nonce) ?? own(nonce).finally(() => claiming.delete(nonce));
    claiming.set(nonce, begun);
    return begun;
  }

  return {
    /** Whether this nonce and count (eight hex digits) are there for the first time. Rejects when the store is away. */
    take(nonce: string, nc: string): boolean | Promise<boolean> {
      const count = Number.parseInt(nc, 16);
      const take = owned.get(nonce);
      if (take) return take(count);
      if (isShared(nonce)) return claim(`${nonce}:${count}`);
      return ownOnce(nonce).then((found) => found?.(count) ?? false);
    },
    /** True when a client was here lately with a nonce that another replica owns: then the next ones are better shared. */
    isSpread: () => now() < spreadUntil,
  };
}
