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
  test('When nothing runs, then an item runs at once and alone', async () => {
    const { runs, add } = setUp();
    const result = add(1);
    expect(runs.map(({ items }) => items)).toEqual([[1]]);
    runs[0]?.end();
    expect(await result).toBe(10);
  });

  test('When items come while a batch runs, then they share the next one, and each gets its own result', async () => {
    const { runs, add } = setUp();
    const results = [add(1), add(2), add(3)];
    runs[0]?.end();
    await turn();
    expect(runs.map(({ items }) => items)).toEqual([[1], [2, 3]]);
    runs[1]?.end();
    expect(await Promise.all(results)).toEqual([10, 20, 30]);
  });

  test('When more items wait than a batch holds, then they go in several', async () => {
    const { runs, add } = setUp(2);
    const results = [1, 2, 3, 4].map(add);
    for (const index of results.keys()) {
      runs[index]?.end();
      await turn();
    }
    expect(await Promise.all(results)).toEqual([10, 20, 30, 40]);
    expect(runs.map(({ items }) => items)).toEqual([[1], [2, 3], [4]]);
  });

  test('When a batch fails, then its items fail and the next batch runs', async () => {
    const { runs, add } = setUp();
    const [first, second] = [add(1), add(2)];
    runs[0]?.fail(new Error('away'));
    await expect(first).rejects.toThrow('away');
    await turn();
    runs[1]?.end();
    expect(await second).toBe(20);
  });
});
