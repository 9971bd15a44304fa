import { describe, expect, test } from 'vitest';
import { createMicroBatch } from '../../runtime/micro-batch.ts';

/** A batch whose runs end when the test says so. */
function setUp(maxItems = 100) {
  const runs: { items: readonly number[]; end: () => void; fail: (error: Error) => void }[] = [];
  const add = createMicroBatch<number, number>({
    maxItems,
    run: (items) =>
      new Promise((resolve, reject) => {
        runs.push({ items, end: () => resolve(items.map((item) => item * 10)), fail: reject });
      }),
  });
  return { runs, add };
}

/** Lets everything that is settled run on. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('A micro-batch', () => {
  test('When nothing runs, then what comes in one turn of the event loop runs at its end', async () => {
    const { runs, add } = setUp();
    const results = [add(1), Promise.resolve().then(() => add(2))];
    await turn();
    expect(runs.map(({ items }) => items)).toEqual([[1, 2]]);
    runs[0]?.end();
    expect(await Promise.all(results)).toEqual([10, 20]);
  });

  test('When items come while a batch runs, then they share the next one, and each gets its own result', async () => {
    const { runs, add } = setUp();
    const results = [add(1)];
    await turn();
    results.push(add(2), add(3));
    runs[0]?.end();
    await turn();
    await turn();
    expect(runs.map(({ items }) => items)).toEqual([[1], [2, 3]]);
    runs[1]?.end();
    expect(await Promise.all(results)).toEqual([10, 20, 30]);
  });

  test('When more items wait than a batch holds, then they go in several', async () => {
    const { runs, add } = setUp(2);
    const results = [1, 2, 3, 4, 5].map(add);
    for (const index of results.keys()) {
      await turn();
      await turn();
      runs[index]?.end();
    }
    expect(await Promise.all(results)).toEqual([10, 20, 30, 40, 50]);
    expect(runs.map(({ items }) => items)).toEqual([[1, 2], [3, 4], [5]]);
  });

  test('When a batch fails, then its items fail and the next batch runs', async () => {
    const { runs, add } = setUp();
    const [first, fellow] = [add(1), add(2)];
    await turn();
    const second = add(3);
    runs[0]?.fail(new Error('away'));
    await expect(first).rejects.toThrow('away');
    await expect(fellow).rejects.toThrow('away');
    await turn();
    await turn();
    runs[1]?.end();
    expect(await second).toBe(30);
  });

  test('When more items are known to come soon, then a batch waits for them', async () => {
    let go = () => {};
    const runs: (readonly number[])[] = [];
    const add = createMicroBatch<number, number>({
      maxItems: 10,
      gather: () => new Promise((resolve) => (go = resolve)),
      run: async (items) => {
        runs.push(items);
        return items;
      },
    });
    const results = [add(1)];
    await turn();
    results.push(add(2));
    await turn();
    expect(runs).toEqual([]);
    go();
    expect(await Promise.all(results)).toEqual([1, 2]);
    expect(runs).toEqual([[1, 2]]);
  });

  test('When there is nothing to gather, then an item does not wait for the end of the turn', async () => {
    let isRun = false;
    const run = async (items: readonly number[]) => {
      isRun = true;
      return items;
    };
    const result = createMicroBatch<number, number>({ maxItems: 10, gather: async () => {}, run })(1);
    let isEnd = false;
    setImmediate(() => {
      isEnd = true;
    });
    expect([await result, isRun, isEnd]).toEqual([1, true, false]);
  });
});
