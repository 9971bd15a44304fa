import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { serviceSettings, startService } from '../services/service.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

/** How many threads a worker has; all of libuv's are there once one was needed. */
async function threadsOfWorker(settings: Record<string, string> = {}): Promise<number> {
  const service = await startService({ ...serviceSettings(database.url), ...settings }, ['--role', 'worker']);
  const threads = readdirSync(`/proc/${service.process.pid}/task`).length;
  await service.stop();
  return threads;
}

test.skipIf(process.platform !== 'linux')(
  'A worker hashes on as many threads as there are processors, two at least and four at most, or as UV_THREADPOOL_SIZE says (only Linux counts threads)',
  async () => {
    const usual = Math.min(Math.max(2, availableParallelism()), 4);

    expect((await threadsOfWorker({ UV_THREADPOOL_SIZE: '9' })) - (await threadsOfWorker())).toBe(9 - usual);
  },
);
