import { isIPv4 } from 'node:net';
import { LRUCache } from 'lru-cache';
import type { Database } from './connect.ts';

/** An answer is remembered this long, and so many of them: strangers may come from any number of addresses. */
const rememberedMs = 2000;
const maxRemembered = 10_000;

/**
 * Makes the question whether an address is trusted: listed in `trusted_hosts`, alone or in a CIDR range. A change of the
 * table is seen within two seconds. The caller unwraps IPv4-mapped IPv6 addresses; rows in the mapped form match as well.
 */
export function createTrustedHosts(db: Database): (address: string) => Promise<boolean> {
  async function ask(address: string): Promise<boolean> {
    const forms = isIPv4(address) ? [address, `::ffff:${address}`] : [address];
    const { rows } = await db.raw(
      'SELECT EXISTS (SELECT FROM trusted_hosts WHERE ip >>= ANY (CAST(? AS inet[]))) AS trusted',
      [forms],
    );
    return rows[0].trusted;
  }

  const answers = new LRUCache<string, boolean>({ max: maxRemembered, ttl: rememberedMs, fetchMethod: ask });
  return async (address) => (await answers.fetch(address)) === true;
}
