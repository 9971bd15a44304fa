import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type CallRecord, openCallJournal } from '../../db/call-journal.ts';
import type { Database } from '../../db/connect.ts';
import { createLogger } from '../../runtime/logger.ts';

const call: CallRecord = { requestId: 'request', outcome: 'OK', receivedAt: 1, answeredAt: 2 };
const bound = 10_000;

/** Far above the time between two writes. */
const whileMs = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A journal over a database that does what `raw` does; and how much was asked of it, and lost. */
function openJournal(raw: (batch: readonly CallRecord[]) => Promise<void>) {
  const written: (readonly CallRecord[])[] = [];
  let lost = 0;
  const db = {
    raw: (_sql: string, [rows]: [string]) => {
      written.push(JSON.parse(rows));
      return raw(JSON.parse(rows));
    },
  } as unknown as Database;
  const onLoss = (count: number) => {
    lost += count;
  };
  const journal = openCallJournal({ db, log: createLogger('silent'), onLoss });
  return {
    journal,
    written,
    lost: () => lost,
    add(count: number): void {
      for (let added = 0; added < count; added += 1) journal.add(call);
    },
  };
}

describe('the journal of calls', () => {
  test('writes together what has come since it last wrote, and what is left when it is closed', async () => {
    const { journal, add, written } = openJournal(async () => {});
    add(300);
    expect(written).toEqual([]);
    await vi.advanceTimersByTimeAsync(whileMs);
    add(2);
    await journal.close();
    expect(written.map((batch) => batch.length)).toEqual([300, 2]);
  });

  test('keeps no more than its bound while the database stands still, asks it once, and counts what it drops', async () => {
    let answer = () => {};
    const standing = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { journal, add, written, lost } = openJournal(() => standing);
    add(1);
    await vi.advanceTimersByTimeAsync(whileMs);
    add(bound + 7);
    await vi.advanceTimersByTimeAsync(whileMs);
    expect(written.map((batch) => batch.length)).toEqual([1]);
    expect(lost()).toBe(7);
    answer();
    await journal.close();
    expect(written.map((batch) => batch.length)).toEqual([1, bound]);
  });

  test('drops and counts what the database refuses, and goes on', async () => {
    const { journal, add, lost } = openJournal((batch) =>
      batch.length === 5 ? Promise.reject(new Error('away')) : Promise.resolve(),
    );
    add(5);
    await vi.advanceTimersByTimeAsync(whileMs);
    add(3);
    await journal.close();
    expect(lost()).toBe(5);
  });
});
