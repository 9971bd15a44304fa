import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Database } from '../../db/connect.ts';
import { createMatchingRuleCheck } from '../../db/matching-rule.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout'] });
  // What remembers has taken its clock before this test began.
  vi.spyOn(performance, 'now').mockImplementation(() => Date.now());
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const tooLong = Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' });

/** A database that takes too long, or has no objection, and how often it was asked. */
function createServer() {
  const server = { isSlow: false, asked: 0 };
  const transaction = async () => {
    server.asked += 1;
    if (server.isSlow) throw tooLong;
  };
  return { server, db: { transaction } as unknown as Database };
}

test('When a server stalls over a sound rule, then the rule is too complex for a minute, and then judged anew', async () => {
  const { server, db } = createServer();
  const check = createMatchingRuleCheck(db);
  server.isSlow = true;
  expect(await check('^1')).toMatchObject({ text: expect.stringContaining('is too complex') });
  server.isSlow = false;
  await vi.advanceTimersByTimeAsync(59_000);
  expect([await check('^1'), server.asked]).toEqual([expect.objectContaining({ code: 400 }), 1]);
  await vi.advanceTimersByTimeAsync(2000);
  expect([await check('^1'), server.asked]).toEqual([undefined, 2]);
});

test('When a rule was found sound, then the server is not asked again', async () => {
  const { server, db } = createServer();
  const check = createMatchingRuleCheck(db);
  expect(await check('^1')).toBe(undefined);
  await vi.advanceTimersByTimeAsync(24 * 60 * 60_000);
  expect([await check('^1'), server.asked]).toEqual([undefined, 1]);
});
