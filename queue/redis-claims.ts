import { QueueUnavailable } from './backend.ts';
import type { RedisClient } from './redis-client.ts';

/** Claims in Redis, each a key that only the first of all processes can make. */
export function createRedisClaims(
  redis: RedisClient,
  prefix: string,
): (claim: string, lifetimeMs: number) => Promise<boolean> {
  return async (claim, lifetimeMs) => {
    try {
      return (await redis.set(`${prefix}:once:${claim}`, 1, 'PX', lifetimeMs, 'NX')) === 'OK';
    } catch (error) {
      throw new QueueUnavailable(false, error);
    }
  };
}
