import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createEndOfTurn } from '../../runtime/end-of-turn.ts';

test('When several wait for the end of a turn, then they go on together, and not before it', async () => {
  const endOfTurn = createEndOfTurn();
  const seen: string[] = [];
  void endOfTurn().then(() => seen.push('first'));
  setImmediate(() => seen.push('something else'));
  void endOfTurn().then(() => seen.push('second'));
  await Promise.resolve();
  expect(seen).toEqual([]);
  await turn();
  expect(seen).toEqual(['first', 'second', 'something else']);
});

test('When the turn is over, then who comes waits for the end of the next one', async () => {
  const endOfTurn = createEndOfTurn();
  const first = endOfTurn();
  await first;
  expect(endOfTurn()).not.toBe(first);
});
