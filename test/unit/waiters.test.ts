import { describe, expect, it, vi } from 'vitest';
import { createWaiters, type Waiter } from '../../queue/waiters.ts';
import type { Outcome } from '../../schemas/jobs.ts';

const created = (i_customer: number): Outcome => ({ ok: true, i_customer, replayed: false });

const paramsHashes = () => ['hash'];

function waiter(jobId: string, since = Date.now()): Waiter {
  return { jobId, requestId: `r-${jobId}`, i_wholesaler: 1, key: jobId, paramsHashes, since };
}

/** What a promise has come to, without waiting for it. */
function stateOf(promise: Promise<Outcome>): Promise<Outcome | 'waits'> {
  return Promise.race([promise, Promise.resolve<'waits'>('waits')]);
}

describe('A call that waits', () => {
  it('gets the outcome of its own job', async () => {
    const waiters = createWaiters();
    const one = waiters.add(waiter('1'));
    const two = waiters.add(waiter('2'));
    waiters.settle('2', created(22));
    expect(await stateOf(two)).toEqual(created(22));
    expect(await stateOf(one)).toBe('waits');
    waiters.settle('1', created(11));
    expect(await one).toEqual(created(11));
  });

  it('gets the first outcome; later ones change nothing', async () => {
    const waiters = createWaiters();
    const outcome = waiters.add(waiter('1'));
    waiters.settle('1', created(1));
    waiters.settle('1', created(2));
    expect(await outcome).toEqual(created(1));
  });

  it('is counted until it is settled or forgotten', () => {
    const waiters = createWaiters();
    void waiters.add(waiter('1'));
    void waiters.add(waiter('2'));
    void waiters.add(waiter('3'));
    expect(waiters.size).toBe(3);
    waiters.settle('1', created(1));
    waiters.forget('2');
    waiters.forget('1');
    expect(waiters.size).toBe(1);
  });

  it('gets nothing any more once it is forgotten', async () => {
    const waiters = createWaiters();
    const outcome = waiters.add(waiter('1'));
    waiters.forget('1');
    waiters.settle('1', created(1));
    expect(await stateOf(outcome)).toBe('waits');
  });

  it('is not disturbed by the outcome of a stranger', () => {
    const waiters = createWaiters();
    void waiters.add(waiter('1'));
    for (const stranger of ['2', '', '__proto__', 'constructor']) waiters.settle(stranger, created(1));
    expect(waiters.size).toBe(1);
  });
});

describe('The calls that have waited long', () => {
  it('are those that began so long ago, to the millisecond', () => {
    vi.useFakeTimers({ now: 10_000 });
    try {
      const waiters = createWaiters();
      for (const since of [9000, 9750, 9751, 10_000]) void waiters.add(waiter(String(since), since));
      expect(waiters.olderThan(250).map(({ jobId }) => jobId)).toEqual(['9000', '9750']);
      expect(waiters.olderThan(1001)).toEqual([]);
      waiters.settle('9000', created(1));
      expect(waiters.olderThan(250).map(({ jobId }) => jobId)).toEqual(['9750']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('carry what their outcome is found by', () => {
    const waiters = createWaiters();
    void waiters.add(waiter('1', 0));
    expect(waiters.olderThan(0)).toMatchObject([waiter('1', 0)]);
  });
});
