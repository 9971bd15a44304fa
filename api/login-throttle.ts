import { isIPv6 } from 'node:net';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Failed logins in a minute, from one address, and from one address under one login; then a minute's rest. */
const windowSeconds = 60;
const failuresOfAddress = 30;
const failuresOfLogin = 10;

const groupsOfNetwork = 4;
const millisecondsPerSecond = 1000;

/** Who owns one IPv6 address owns its network of 64 bits: it counts as one. */
function network(address: string): string {
  return isIPv6(address) ? address.split(':').slice(0, groupsOfNetwork).join(':') : address;
}

/** Who tries to log in. */
export interface Attempt {
  readonly address: string;
  readonly login: string;
}

/**
 * Counts failed logins in the memory of this process, by address and by address and login. A login alone is not
 * counted: whoever knows it could lock its owner out.
 */
export function createLoginThrottle() {
  const byAddress = new RateLimiterMemory({ points: failuresOfAddress, duration: windowSeconds });
  const byLogin = new RateLimiterMemory({ points: failuresOfLogin, duration: windowSeconds });
  const counters = [
    { limiter: byAddress, points: failuresOfAddress, key: ({ address }: Attempt) => network(address) },
    { limiter: byLogin, points: failuresOfLogin, key: ({ address, login }: Attempt) => `${network(address)} ${login}` },
  ];

  /** Until then somebody may have to wait: Unix time in ms. Nearly always nobody has, and nothing is looked up. */
  let anybodyUntil = 0;

  return {
    /** Seconds until this attempt may be made; 0 when it may be made now. */
    async waitSeconds(attempt: Attempt): Promise<number> {
      if (Date.now() > anybodyUntil) return 0;
      const waits = counters.map(async ({ limiter, points, key }) => {
        const state = await limiter.get(key(attempt));
        return state && state.consumedPoints >= points ? Math.ceil(state.msBeforeNext / millisecondsPerSecond) : 0;
      });
      return Math.max(...(await Promise.all(waits)));
    },
    /** Counts a failed login. */
    async fail(attempt: Attempt): Promise<void> {
      anybodyUntil = Date.now() + windowSeconds * millisecondsPerSecond;
      const counts = counters.map(({ limiter, key }) => limiter.consume(key(attempt)));
      for (const count of await Promise.allSettled(counts)) {
        if (count.status === 'rejected' && !(count.reason instanceof RateLimiterRes)) throw count.reason;
      }
    },
  };
}
