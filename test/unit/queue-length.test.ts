import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLengthLimit } from '../../queue/queue-length.ts';

/** Longer than a count is believed. */
const laterMs = 300;

/** A queue whose counts are answered by the test. */
function createCounted() {
  const asked: ((count: number) => void)[] = [];
  const waitingCount = () => new Promise<number>((resolve) => asked.push(resolve));
  return { waitingCount, asked };
}

describe('createLengthLimit', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test('refuses once as many jobs were added as may wait, and lets in again when fewer are counted', async () => {
    const queue = createCounted();
    const limit = createLengthLimit(queue, 2);
    limit.isReached();
    limit.addOne();
    expect(limit.isReached()).toBe(false);
    limit.addOne();
    expect(limit.isReached()).toBe(true);
    queue.asked[0]?.(0);
    await nextTurn();
    vi.setSystemTime(Date.now() + laterMs);
    expect(limit.isReached()).toBe(true);
    queue.asked[1]?.(1);
    await nextTurn();
    expect(limit.isReached()).toBe(false);
  });

  test('forgets jobs that were not added, so that a queue that is away is not called full', () => {
    const limit = createLengthLimit({ waitingCount: () => Promise.reject(new Error('away')) }, 2);
    for (let call = 0; call < 10; call += 1) {
      expect(limit.isReached()).toBe(false);
      limit.addOne();
      limit.forgetOne();
    }
  });

  test('asks once at a time, so that no job is taken off twice', async () => {
    const queue = createCounted();
    const limit = createLengthLimit(queue, 3);
    for (let job = 0; job < 3; job += 1) limit.addOne();
    limit.isReached();
    vi.setSystemTime(Date.now() + laterMs);
    limit.isReached();
    expect(queue.asked).toHaveLength(1);
    queue.asked[0]?.(3);
    await nextTurn();
    expect(limit.isReached()).toBe(true);
  });

  test('asks a queue that counts slowly less often, but not when half of the limit is reached', async () => {
    const queue = createCounted();
    const limit = createLengthLimit(queue, 2);
    const askedAfter = (ms: number) => {
      vi.setSystemTime(Date.now() + ms);
      limit.isReached();
      return queue.asked.length;
    };
    expect(askedAfter(0)).toBe(1);
    vi.setSystemTime(Date.now() + 20);
    queue.asked[0]?.(0);
    await nextTurn();
    expect(askedAfter(laterMs)).toBe(1);
    limit.addOne();
    expect(askedAfter(0)).toBe(2);
    limit.forgetOne();
    vi.setSystemTime(Date.now() + 20);
    queue.asked[1]?.(0);
    await nextTurn();
    expect(askedAfter(2000)).toBe(3);
  });
});
