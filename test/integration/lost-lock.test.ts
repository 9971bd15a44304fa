import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OpenJob } from '../../queue/consume.ts';
import { createTestDatabase } from '../services/database.ts';
import { created, foreignJob, openTestQueue, type TestQueue } from '../services/open-queue.ts';
import { queueKinds } from '../services/queues.ts';
import { waitFor } from '../services/wait-for.ts';
import { createTestWorker, fault, jobOf } from '../services/worker.ts';

/** As in queue/bullmq.ts. */
const lockMs = 10_000;

describe.each(queueKinds)('A job in the hands of a worker, with the queue in %s', (kind) => {
  let queue: TestQueue;

  beforeEach(async () => {
    queue = await openTestQueue(kind);
  });

  afterEach(() => queue.close());

  test('tells when its lock ends, counted from before it was taken', async () => {
    const jobs: OpenJob[] = [];
    queue.consume(async (job) => {
      jobs.push(job);
      return created(1);
    });
    const before = Date.now();
    await queue.queue.add('job-1', foreignJob('taken'));
    await waitFor(() => jobs.length === 1);
    const [{ lockEndsAt = 0, isFirstRun = false } = {}] = jobs;
    expect(isFirstRun).toBe(true);
    expect(lockEndsAt).toBeGreaterThanOrEqual(before + lockMs);
    expect(lockEndsAt).toBeLessThanOrEqual(Date.now() + lockMs);
  });
});

test('When a worker stood still until another one may have the job, and the deadline passed, then nobody knows', async () => {
  const { db, drop } = await createTestDatabase();
  const job = jobOf({}, { deadline: Date.now() - 1, lockEndsAt: Date.now() - 1 });
  const text = `Outcome unknown: repeat the call with the same idempotency key, request ${job.request_id}`;
  expect(await createTestWorker(db)(job)).toEqual(fault(504, text));
  await drop();
});
