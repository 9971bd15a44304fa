import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, type Database } from '../../db/connect.ts';
import type { OpenJob } from '../../queue/consume.ts';
import type { Outcome } from '../../schemas/jobs.ts';
import { freePort } from '../services/redis.ts';
import { createTestWorker, fault, jobOf } from '../services/worker.ts';

let nowhere: Database;
let createCustomer: (job: OpenJob) => Promise<Outcome>;

beforeAll(async () => {
  const url = `postgresql://nobody@127.0.0.1:${await freePort()}/none`;
  nowhere = connect({ url, applicationName: 'tests', maxConnections: 1 });
  createCustomer = createTestWorker(nowhere);
});

afterAll(() => nowhere.destroy());

describe('When the worker cannot reach the database', () => {
  test('then the call is told that nothing was created', async () => {
    const job = jobOf({});
    expect(await createCustomer(job)).toEqual(fault(503, `Service unavailable, request ${job.request_id}`));
  });

  test.each([
    ['another worker had the job before, which may come back', { isFirstRun: false }],
    ['this one stood still until another one may have it', { lockEndsAt: Date.now() - 1 }],
  ])('and %s, then it is told that nobody knows', async (_, hold) => {
    const job = jobOf({}, hold);
    const text = `Outcome unknown: repeat the call with the same idempotency key, request ${job.request_id}`;
    expect(await createCustomer(job)).toEqual(fault(504, text));
  });
});
