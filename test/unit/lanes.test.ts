import { expect, test } from 'vitest';
import { createLanes } from '../../runtime/lanes.ts';

test('When more tasks come than there are lanes, then the others wait, and run in the order in which they came', async () => {
  const lanes = createLanes(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const tasks = [0, 1, 2, 3].map((number) =>
    lanes.run(() => {
      begun.push(number);
      return new Promise<number>((resolve) => ends.push(() => resolve(number)));
    }),
  );
  await Promise.resolve();
  expect([begun, lanes.waitingCount]).toEqual([[0, 1], 2]);
  ends[1]?.();
  await tasks[1];
  await new Promise(setImmediate);
  expect([begun, lanes.waitingCount]).toEqual([[0, 1, 2], 1]);
  ends[0]?.();
  await tasks[0];
  await new Promise(setImmediate);
  for (const end of ends) end();
  expect(await Promise.all(tasks)).toEqual([0, 1, 2, 3]);
});

test('When a task fails, then its lane goes to the next', async () => {
  const lanes = createLanes(1);
  const failed = lanes.run(() => Promise.reject(new Error('failed')));
  const next = lanes.run(() => Promise.resolve('next'));
  await expect(failed).rejects.toThrow('failed');
  expect(await next).toBe('next');
});

test('When half of those that waited have got their lane, then who waited for that goes on', async () => {
  const lanes = createLanes(1);
  await lanes.whenHalfServed(60_000);
  const ends: (() => void)[] = [];
  const tasks = [1, 2, 3, 4].map(() => lanes.run(() => new Promise<void>((resolve) => ends.push(resolve))));
  let isServed = false;
  const served = lanes.whenHalfServed(60_000).then(() => {
    isServed = true;
  });
  await new Promise(setImmediate);
  ends[0]?.();
  await new Promise(setImmediate);
  expect([isServed, lanes.waitingCount]).toEqual([false, 2]);
  ends[1]?.();
  await served;
  expect(lanes.waitingCount).toBe(1);
  ends[2]?.();
  await new Promise(setImmediate);
  ends[3]?.();
  await Promise.all(tasks);
});

test('When tasks wait for longer than somebody wants to, then that one goes on', async () => {
  const lanes = createLanes(1);
  const ends: (() => void)[] = [];
  const tasks = [1, 2].map(() => lanes.run(() => new Promise<void>((resolve) => ends.push(resolve))));
  await lanes.whenHalfServed(1);
  expect(lanes.waitingCount).toBe(1);
  for (const task of tasks) {
    await new Promise(setImmediate);
    for (const end of ends) end();
    await task;
  }
});
