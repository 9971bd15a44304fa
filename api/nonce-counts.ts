import { LRUCache } from 'lru-cache';
import { isShared, issuedAtMs } from './nonce.ts';

/** As many as there are connections, each with a nonce of its own. One that is forgotten is refused from then on. */
const maxOwned = 10_000;

/** Clients count up, and may be overtaken by themselves. A nonce with more counts out of order than these is used up. */
const maxStray = 100;

/** Is told the counts of one nonce as they come: whether each is there for the first time. Without an order, in bounded memory. */
export function createCounts(): (count: number) => boolean {
  const stray = new Set<number>();
  /** All counts from the first to the last, both included, were there. */
  let [first, last] = [Number.NaN, Number.NaN];

  return function take(count) {
    if ((count >= first && count <= last) || stray.has(count) || stray.size >= maxStray) return false;
    if (Number.isNaN(first)) [first, last] = [count, count];
    else stray.add(count);
    while (stray.delete(first - 1)) first -= 1;
    while (stray.delete(last + 1)) last += 1;
    return true;
  };
}

/**
 * Makes what sees to it that each nonce and count is used once, by all replicas together. A nonce is counted in the memory of the replica
 * that was the first to see it, and refused by the others; they ask the store that all share only once for a nonce. A client
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
  let isSpread = false;

  async function own(nonce: string) {
    if (await claim(nonce)) {
      const take = createCounts();
      owned.set(nonce, take);
      return take;
    }
    // What was issued before may be our own, of a former life.
    if (issuedAtMs(nonce) > since) isSpread = true;
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
    /** True once a client was here with a nonce that another replica owns: then the next ones are better shared. */
    isSpread: () => isSpread,
  };
}
