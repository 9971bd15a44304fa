import { describe, expect, it } from 'vitest';
import { createPrecedence } from '../../runtime/precedence.ts';

const never = 2_000_000_000;

/** Work that ends when it is told to. */
function openWork() {
  let end = () => {};
  const promise = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { run: () => promise, end: () => end() };
}

/** Whether a promise is settled once everything has run that can run by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  await new Promise(setImmediate);
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

describe('Work that gives way', () => {
  it('goes on at once while nothing is urgent', async () => {
    expect(await isSettled(createPrecedence(never).giveWay())).toBe(true);
  });

  it('waits until the last urgent work has ended, well or not', async () => {
    const { hold, giveWay } = createPrecedence(never);
    const [first, second] = [openWork(), openWork()];
    const failing = hold(() => first.run().then(() => Promise.reject(new Error('failed'))));
    const other = hold(second.run);
    const waiting = giveWay();
    first.end();
    await expect(failing).rejects.toThrow('failed');
    expect(await isSettled(waiting)).toBe(false);
    second.end();
    await other;
    expect(await isSettled(waiting)).toBe(true);
  });

  it('knows that nothing is urgent, and that something was a moment ago', async () => {
    const { hold, isCalm } = createPrecedence(never);
    expect(isCalm()).toBe(true);
    const work = openWork();
    const urgent = hold(work.run);
    expect(isCalm()).toBe(false);
    work.end();
    await urgent;
    expect(isCalm()).toBe(false);
  });

  it('goes on after its longest wait, however much is urgent', async () => {
    const { hold, giveWay } = createPrecedence(1);
    const work = openWork();
    const urgent = hold(work.run);
    await giveWay();
    work.end();
    await urgent;
  });
});
