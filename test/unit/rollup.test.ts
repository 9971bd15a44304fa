import { describe, expect, test } from 'vitest';
import { toPoints, toRecent } from '../../monitor/series.ts';
import { bucketBoundsMs, bucketCount, bucketOf, percentileMs } from '../../runtime/latency-buckets.ts';
import { createRollup } from '../../runtime/rollup.ts';

function countsOf(durations: readonly number[]): number[] {
  const counts = Array<number>(bucketCount).fill(0);
  for (const ms of durations) counts[bucketOf(ms)] = (counts[bucketOf(ms)] ?? 0) + 1;
  return counts;
}

describe('buckets of durations', () => {
  test('have bounds that grow, and a last bucket for what is longer', () => {
    expect([...bucketBoundsMs].sort((a, b) => a - b)).toEqual([...bucketBoundsMs]);
    expect(bucketOf(0)).toBe(0);
    expect(bucketOf(bucketBoundsMs[3])).toBe(3);
    expect(bucketOf(1e9)).toBe(bucketCount - 1);
  });

  test('give a percentile that is near the true one', () => {
    const durations = Array.from({ length: 1000 }, (_, index) => index + 1);
    const counts = countsOf(durations);
    for (const share of [0.5, 0.9, 0.99]) {
      const found = percentileMs(counts, share) ?? 0;
      expect(Math.abs(found - share * 1000)).toBeLessThan(0.4 * share * 1000);
    }
  });

  test('give no percentile of nothing, and never more than the last bound', () => {
    expect(percentileMs([], 0.5)).toBeUndefined();
    expect(percentileMs(Array<number>(bucketCount).fill(0), 0.99)).toBeUndefined();
    expect(percentileMs(countsOf([1e9]), 0.5)).toBe(bucketBoundsMs.at(-1));
  });
});

describe('the rollup of what happens', () => {
  test('sums by second, kind and name, and gives what is over once', () => {
    const rollup = createRollup();
    rollup.add('call', 'OK', { ms: 10, at: 5_100 });
    rollup.add('call', 'OK', { ms: 30, at: 5_900 });
    rollup.add('call', '409', { ms: 4, at: 5_900 });
    rollup.add('hash', '', { ms: 50, at: 6_000 });
    const taken = rollup.takeBefore(6);
    expect(taken.map(({ buckets: _, ...sum }) => sum)).toEqual([
      { second: 5, kind: 'call', name: 'OK', count: 2, sum_ms: 40, max_ms: 30 },
      { second: 5, kind: 'call', name: '409', count: 1, sum_ms: 4, max_ms: 4 },
    ]);
    expect(taken[0]?.buckets).toEqual(countsOf([10, 30]));
    expect(rollup.takeBefore(6)).toEqual([]);
    expect(rollup.takeBefore(Number.POSITIVE_INFINITY)).toMatchObject([{ second: 6, kind: 'hash', count: 1 }]);
  });
});

describe('the series of the overview', () => {
  const row = (second: number, name: string, durations: readonly number[]) => ({
    second,
    kind: 'call' as const,
    name,
    count: durations.length,
    sum_ms: durations.reduce((sum, ms) => sum + ms, 0),
    buckets: countsOf(durations),
  });

  test('has a point for each step in which something happened, with the latency of calls answered OK', () => {
    const points = toPoints([row(12, '429', [1]), row(10, 'OK', [20, 20]), row(10, '429', [1, 1])]);
    expect(points).toMatchObject([
      { t: 10, calls: { OK: 2, 429: 2 } },
      { t: 12, calls: { 429: 1 }, p50: undefined },
    ]);
    expect(points[0]?.p50).toBeGreaterThan(14);
  });

  test('sums up what is recent, and leaves out what is older', () => {
    const recent = toRecent([row(10, 'OK', [20]), row(70, 'OK', [40]), row(80, 'OK', [40])], {
      since: 60,
      seconds: 60,
    });
    expect(recent).toMatchObject({ calls: { OK: 2 }, seconds: 60, hashes: 0 });
  });
});
