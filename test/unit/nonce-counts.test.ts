import { describe, expect, it, vi } from 'vitest';
import { createNonces } from '../../api/nonce.ts';
import { createCounts, createNonceCounts, takeCount } from '../../api/nonce-counts.ts';
import { cutOutOfHeader, heldBytes } from '../services/held-bytes.ts';

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
const nc = (count: number) => count.toString(16).padStart(8, '0');

describe('Counts of a nonce', () => {
  const createTake = () => {
    const counts = createCounts();
    return (count: number) => takeCount(counts, count);
  };

  it.each([
    ['from zero', range(0, 2000)],
    ['from one', range(1, 2000)],
    ['from where the nonce before ended', range(0xffff_0000, 0xffff_ffff + 1)],
    ['with each pair turned round', range(0, 1000).map((count) => count ^ 1)],
    ['with every 64 turned round', range(0, 6400).map((count) => count ^ 63)],
    ['backwards', range(0, 100).reverse()],
    ['upwards with gaps', range(0, 1000).map((count) => count * 2)],
    ['downwards with gaps', range(0, 1000).map((count) => (1000 - count) * 2)],
    ['outwards with gaps', range(0, 1000).map((count) => 5000 + (count % 2 ? count : -count) * 2)],
  ])('are all taken once, and never again, when they come %s', (_, counts) => {
    const take = createTake();
    expect(counts.filter((count) => !take(count))).toEqual([]);
    expect(counts.filter(take)).toEqual([]);
  });

  it('go on behind one that never came, which is used once a hundred have', () => {
    const take = createTake();
    const counts = [1, ...range(3, 1000)];
    expect(counts.filter((count) => !take(count))).toEqual([]);
    expect(range(1, 1000).filter(take)).toEqual([]);
    expect(take(1000)).toBe(true);
  });

  it('are never taken twice, whatever their order', () => {
    const take = createTake();
    const seen = new Set<number>();
    let state = 1;
    for (const _ of range(0, 20_000)) {
      // A generator of Park and Miller: the same counts in each run.
      state = (state * 48_271) % 0x7fff_ffff;
      const count = state % 3000;
      if (take(count)) expect(seen.size).toBeLessThan(seen.add(count).size);
    }
    expect(seen.size).toBeGreaterThan(100);
  });
});

describe('Replicas that count nonces', () => {
  const key = Buffer.alloc(32, 7);
  const startedAt = Date.UTC(2026, 0, 1);

  function setUp() {
    const claims = new Set<string>();
    const claim = vi.fn(async (name: string) => claims.size < claims.add(name).size);
    const clock = { nowMs: startedAt };
    const now = () => clock.nowMs;
    const nonces = createNonces({ keys: [key], lifetimeMs: 300_000, now });
    const open = () => createNonceCounts({ claim, now });
    const [one, other] = [open(), open()];
    clock.nowMs += 1;
    return { one, other, open, claim, nonces, clock };
  }

  it('ask the store once for a nonce that one of them has alone', async () => {
    const { one, claim, nonces } = setUp();
    const nonce = nonces.issue();
    expect(await one.take(nonce, nc(1))).toBe(true);
    for (const count of range(2, 100)) expect(one.take(nonce, nc(count))).toBe(true);
    for (const count of range(1, 100)) expect(one.take(nonce, nc(count))).toBe(false);
    expect(claim).toHaveBeenCalledTimes(1);
  });

  it('refuse a nonce of another, and say for an hour that the next ones are better shared', async () => {
    const { one, other, nonces, clock } = setUp();
    const nonce = nonces.issue();
    expect(await one.take(nonce, nc(1))).toBe(true);
    expect([one.isSpread(), other.isSpread()]).toEqual([false, false]);
    expect(await other.take(nonce, nc(1))).toBe(false);
    expect(await other.take(nonce, nc(2))).toBe(false);
    expect([one.isSpread(), other.isSpread()]).toEqual([false, true]);
    expect(one.take(nonce, nc(2))).toBe(true);
    clock.nowMs += 3_599_999;
    expect(other.isSpread()).toBe(true);
    clock.nowMs += 1;
    expect(other.isSpread()).toBe(false);
  });

  it('take each count of a shared nonce once, wherever it comes, whatever its spelling', async () => {
    const { one, other, nonces } = setUp();
    const nonce = nonces.issue(true);
    expect(await one.take(nonce, '0000000a')).toBe(true);
    expect(await other.take(nonce, '0000000A')).toBe(false);
    expect(await other.take(nonce, '0000000b')).toBe(true);
    expect(await one.take(nonce, '0000000b')).toBe(false);
    expect(await one.take(nonce, '00000000')).toBe(true);
    expect([one.isSpread(), other.isSpread()]).toEqual([false, false]);
  });

  it('take all counts of a new nonce that come at the same time to one of them, and ask once', async () => {
    const { one, claim, nonces } = setUp();
    const nonce = nonces.issue();
    const counts = [...range(0, 20), ...range(0, 20)];
    const taken = await Promise.all(counts.map((count) => one.take(nonce, nc(count))));
    expect(taken.filter(Boolean)).toHaveLength(20);
    expect(claim).toHaveBeenCalledTimes(1);
  });

  it('let one of them have a new nonce that comes to both at the same time', async () => {
    const { one, other, nonces } = setUp();
    const nonce = nonces.issue();
    const taken = await Promise.all([one, other].map((replica) => replica.take(nonce, nc(1))));
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  it('ask again when the store was away', async () => {
    const { one, claim, nonces } = setUp();
    const nonce = nonces.issue();
    claim.mockRejectedValueOnce(new Error('away'));
    await expect(one.take(nonce, nc(1))).rejects.toThrow('away');
    expect(await one.take(nonce, nc(1))).toBe(true);
  });

  it('remember a nonce without the header that it was cut out of', async () => {
    const { nonces } = setUp();
    const replica = createNonceCounts({ claim: async () => true });
    const held = await heldBytes(async () => {
      for (const _ of range(0, 500)) await replica.take(cutOutOfHeader(nonces.issue()), nc(1));
    });
    expect(held).toBeLessThan(5_000_000);
    expect(await replica.take(nonces.issue(), nc(1))).toBe(true);
  });

  it('refuse what they have forgotten, and do not count it anew', async () => {
    const { one, nonces } = setUp();
    const nonce = nonces.issue();
    expect(await one.take(nonce, nc(1))).toBe(true);
    for (const _ of range(0, 10_000)) await one.take(nonces.issue(), nc(1));
    expect(await one.take(nonce, nc(1))).toBe(false);
    expect(await one.take(nonce, nc(2))).toBe(false);
  });

  it('do not take their own nonces of a former life for those of another', async () => {
    const { one, open, nonces } = setUp();
    const nonce = nonces.issue();
    await one.take(nonce, nc(1));
    const restarted = open();
    expect(await restarted.take(nonce, nc(1))).toBe(false);
    expect(restarted.isSpread()).toBe(false);
  });
});
