import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend, JobQueue, JobWorker } from '../../queue/backend.ts';
import { openRedisBackend } from '../../queue/redis-backend.ts';
import { queueKinds } from '../services/queues.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { waitFor } from '../services/wait-for.ts';

const concurrency = 12;

describe.runIf(queueKinds.includes('redis'))('When a worker has had next to nothing to do for a while', () => {
  let redis: RedisServer;
  let client: Redis;
  let backend: Backend;
  let queue: JobQueue<object, string>;
  let worker: JobWorker;
  const inHand: (() => void)[] = [];

  /** How many connections wait for a job. */
  async function listening(): Promise<number> {
    const list = String(await client.client('LIST'));
    return list.split('\n').filter((line) => /cmd=bzpopmin/.test(line) && /flags=\w*b/.test(line)).length;
  }

  function finishAll(): void {
    for (const done of inHand.splice(0)) done();
  }

  async function add(count: number): Promise<void> {
    const jobs = Array.from({ length: count }, () => queue.add(crypto.randomUUID(), {}));
    await Promise.all(jobs);
  }

  beforeAll(async () => {
    redis = await startRedis();
    client = new Redis(redis.url);
    backend = await openRedisBackend({ url: redis.url, prefix: '{fetchers}', onError: () => {} });
    queue = backend.openQueue('quiet');
    worker = backend.openWorker('quiet', { concurrency }, async () => {
      await new Promise<void>((done) => inHand.push(done));
      return 'done';
    });
  });

  afterAll(async () => {
    finishAll();
    await worker.close();
    await queue.close();
    await backend.close();
    client.disconnect();
    await redis.stop();
  });

  test('then two of its connections listen, and of a crowd of jobs it has as many in hand as ever', async () => {
    await waitFor(async () => (await listening()) === 2);
    await add(2 * concurrency);
    await waitFor(() => inHand.length === concurrency);
    finishAll();
    await waitFor(() => inHand.length === concurrency);
    finishAll();
    await waitFor(async () => (await listening()) === 2);
    await add(1);
    await waitFor(() => inHand.length === 1);
    finishAll();
    expect(await queue.workerCount()).toBe(1);
  });
});
