import { describe, expect, it } from 'vitest';
import { createExplainer } from '../../api/explain.ts';
import { createLogger } from '../../runtime/logger.ts';
import { faults } from '../../schemas/faults.ts';

const scope = { mode: 'trusted', i_wholesaler: 1 } as const;
const problem = faults.inUse('name');

/** A question that is answered when the test says so. */
function createGate() {
  const open: (() => void)[] = [];
  const ask = () => new Promise<readonly [typeof problem]>((resolve) => open.push(() => resolve([problem])));
  return { open, ask, explain: createExplainer(ask, createLogger('silent')) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('Refused calls', () => {
  it('are looked into four at a time, and each gets its answer in its turn', async () => {
    const { open, explain } = createGate();
    const answers = Array.from({ length: 10 }, () => explain({}, scope));
    for (let asked = 4; asked < 10; asked += 1) {
      await settled();
      expect(open).toHaveLength(asked);
      open[asked - 4]?.();
    }
    await settled();
    for (const answer of open) answer();
    expect(await Promise.all(answers)).toEqual(answers.map(() => [problem]));
  });

  it('get the mistakes of their form alone when too many wait, and more again later', async () => {
    const { open, explain } = createGate();
    const waiting = Array.from({ length: 104 }, () => explain({}, scope));
    await settled();
    expect(await explain({}, scope)).toEqual([]);
    for (let next = 0; next < 104; next += 1) {
      open[next]?.();
      await settled();
    }
    await Promise.all(waiting);
    const again = explain({}, scope);
    await settled();
    open.at(-1)?.();
    expect(await again).toEqual([problem]);
  });

  it('get them also when the question fails, and the next is asked all the same', async () => {
    let asked = 0;
    const fail = () => {
      asked += 1;
      return Promise.reject(new Error('away'));
    };
    const explain = createExplainer(fail, createLogger('silent'));
    for (let call = 0; call < 6; call += 1) expect(await explain({}, scope)).toEqual([]);
    expect(asked).toBe(6);
  });
});
