import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { retryChannelName } from '../../runtime/steps.ts';
import { retryTransient, StillFailing } from '../../worker/retry.ts';

/** Fake timers do not reach the promises of Node's own. */
vi.mock('node:timers/promises', () => ({
  setTimeout: (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs)),
}));

const deadlock = Object.assign(new Error('deadlock detected'), { code: '40P01' });
const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
const taken = Object.assign(new Error('duplicate'), { code: '23505', constraint: 'customers_name_key' });

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A transaction that fails with these errors, one after the other, and with the last one for ever. */
function failing(...errors: readonly unknown[]) {
  const starts: number[] = [];
  const began = Date.now();
  const run = vi.fn(async () => {
    starts.push(Date.now() - began);
    throw errors[Math.min(starts.length, errors.length) - 1];
  });
  return { run, starts };
}

/** The outcome of a retry, and how long it took. */
async function outcomeOf(patienceMs: number, run: () => Promise<unknown>) {
  const began = Date.now();
  const outcome = retryTransient(began + patienceMs, run).then(
    (value) => ({ value, tookMs: Date.now() - began }),
    (error: unknown) => ({ error, tookMs: Date.now() - began }),
  );
  await vi.runAllTimersAsync();
  return outcome;
}

describe('A transaction', () => {
  it('runs once when it goes well', async () => {
    const run = vi.fn(async () => 'done');
    expect(await outcomeOf(1000, run)).toEqual({ value: 'done', tookMs: 0 });
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('runs again, later and later, until it goes well', async () => {
    const run = vi.fn(async () => 'done');
    for (let attempt = 0; attempt < 7; attempt += 1) run.mockRejectedValueOnce(deadlock);
    expect(await outcomeOf(30_000, run)).toEqual({ value: 'done', tookMs: 50 + 100 + 200 + 400 + 800 + 1000 + 1000 });
    expect(run).toHaveBeenCalledTimes(8);
  });

  it('tells whoever counts of each time it runs again', async () => {
    const heard = vi.fn();
    subscribe(retryChannelName, heard);
    const run = vi.fn(async () => 'done');
    for (let attempt = 0; attempt < 3; attempt += 1) run.mockRejectedValueOnce(deadlock);
    await outcomeOf(30_000, run);
    unsubscribe(retryChannelName, heard);
    expect(heard).toHaveBeenCalledTimes(3);
  });

  it('does not run again when the call itself is wrong, or for an error that nobody foresaw', async () => {
    for (const error of [taken, new Error('a bug'), undefined]) {
      const { run } = failing(error);
      expect(await outcomeOf(30_000, run)).toEqual({ error, tookMs: 0 });
      expect(run).toHaveBeenCalledTimes(1);
    }
  });

  it('does not run again when a later attempt shows that the call is wrong', async () => {
    const { run } = failing(deadlock, taken);
    expect(await outcomeOf(30_000, run)).toEqual({ error: taken, tookMs: 50 });
  });

  it('is given up before the deadline, never behind it', async () => {
    const { run, starts } = failing(deadlock);
    const { tookMs, ...outcome } = await outcomeOf(1600, run);
    expect(outcome).toMatchObject({ error: expect.any(StillFailing) });
    expect(outcome).toMatchObject({ error: { cause: deadlock, maybeDone: true } });
    expect(starts).toEqual([0, 50, 150, 350, 750, 1550]);
    expect(tookMs).toBeLessThanOrEqual(1600);
  });

  it('is tried once when the deadline has passed', async () => {
    const { run } = failing(deadlock);
    expect(await outcomeOf(-1, run)).toMatchObject({ error: { cause: deadlock }, tookMs: 0 });
    expect(run).toHaveBeenCalledTimes(1);
  });
});

describe('A database that takes no one in', () => {
  it('is given one second, and then nothing was done for certain', async () => {
    const { run } = failing(refused);
    const { tookMs, ...outcome } = await outcomeOf(30_000, run);
    expect(outcome).toMatchObject({ error: { cause: refused, maybeDone: false } });
    expect(tookMs).toBeGreaterThan(500);
    expect(tookMs).toBeLessThanOrEqual(1000);
  });

  it('is given no second when the deadline comes sooner', async () => {
    const { run } = failing(refused);
    const { tookMs } = await outcomeOf(200, run);
    expect(tookMs).toBeLessThanOrEqual(200);
  });

  it('is given until the deadline once an attempt may have been committed, and the doubt stays', async () => {
    const { run } = failing(deadlock, refused);
    const { tookMs, ...outcome } = await outcomeOf(10_000, run);
    expect(outcome).toMatchObject({ error: { cause: refused, maybeDone: true } });
    expect(tookMs).toBeGreaterThan(8000);
  });
});
