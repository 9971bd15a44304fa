import { isIPv4 } from 'node:net';
import type { Database } from './connect.ts';

/**
 * Tells whether an address is trusted: listed in `trusted_hosts`, alone or in a CIDR range. The caller unwraps
 * IPv4-mapped IPv6 addresses; rows in the mapped form match as well.
 */
export function createTrustedHosts(db: Database) {
  return async function isTrusted(address: string): Promise<boolean> {
    const forms = isIPv4(address) ? [address, `::ffff:${address}`] : [address];
    const { rows } = await db.raw(
      'SELECT EXISTS (SELECT FROM trusted_hosts WHERE ip >>= ANY (CAST(? AS inet[]))) AS trusted',
      [forms],
    );
    return rows[0].trusted;
  };
}
