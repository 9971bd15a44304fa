import { issuedAtMs } from './nonce.ts';

export interface ReplayGuard {
  /**
   * True for the first request with this nonce and count, false for every later one. To be asked only after the nonce and the
   * password have been verified, so that no stranger can fill the memory. A refusal deserves `stale=true`: an honest client repeats
   * its request with a fresh nonce.
   */
  claim(nonce: string, nc: string): boolean | Promise<boolean>;
}

/** Less than 100 bytes each: 50 MB at most. Enough for 1,600 calls a second, each on a nonce of its own that lives five minutes. */
const defaultMaxClaims = 500_000;

const secondMs = 1_000;

/**
 * Remembers in memory which (nonce, nc) pairs were used (RFC 7616 section 5.5). It asks for no order: some clients begin at
 * 00000000, others go on counting across nonces, and parallel calls overtake each other.
 *
 * Claims lie in one set for each second of issue, because a nonce tells its own age. What is older than `lifetimeMs` (the same as
 * the nonces') is refused and its sets are dropped. When more than `maxClaims` are held, the oldest set is dropped early and every
 * nonce of that age is refused from then on: a flood shortens the life of nonces, it never opens a replay. For the
 * same reason nonces from before the guard began are refused: a restart forgets what was claimed, and costs each client one repeat.
 */
export function createReplayGuard({
  lifetimeMs,
  maxClaims = defaultMaxClaims,
  now = Date.now,
}: {
  readonly lifetimeMs: number;
  readonly maxClaims?: number;
  readonly now?: () => number;
}): ReplayGuard {
  const claimsBySecond = new Map<number, Set<string>>();
  let held = 0;
  let beganMs = now();
  let droppedBeforeMs = 0;

  const drop = (second: number) => {
    held -= claimsBySecond.get(second)?.size ?? 0;
    claimsBySecond.delete(second);
  };
  const oldestAcceptedMs = () => {
    const nowMs = now();
    // Were the clock set back and this not moved with it, every new nonce would be refused until the old time is reached again.
    beganMs = Math.min(beganMs, nowMs);
    return Math.max(beganMs, droppedBeforeMs, nowMs - lifetimeMs);
  };
  const openSecond = (second: number, oldestMs: number) => {
    for (const other of claimsBySecond.keys()) if (endOf(other) <= oldestMs) drop(other);
    const claims = new Set<string>();
    claimsBySecond.set(second, claims);
    return claims;
  };
  const dropOldest = () => {
    const oldest = Math.min(...claimsBySecond.keys());
    drop(oldest);
    droppedBeforeMs = Math.max(droppedBeforeMs, endOf(oldest));
  };

  return {
    claim(nonce, nc) {
      const issuedMs = issuedAtMs(nonce);
      const oldestMs = oldestAcceptedMs();
      if (issuedMs < oldestMs) return false;
      const second = Math.floor(issuedMs / secondMs);
      const claims = claimsBySecond.get(second) ?? openSecond(second, oldestMs);
      const claim = nonce + nc.toLowerCase();
      if (claims.has(claim)) return false;
      claims.add(claim);
      held += 1;
      if (held > maxClaims) dropOldest();
      return true;
    },
  };
}

/** The first millisecond after the second. */
function endOf(second: number): number {
  return (second + 1) * secondMs;
}
