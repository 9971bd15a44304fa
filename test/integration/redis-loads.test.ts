import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../queue/backend.ts';
import { openRedisBackend } from '../../queue/redis-backend.ts';
import { queueKinds } from '../services/queues.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { waitFor } from '../services/wait-for.ts';

/** So many keys, and so long for each, that Redis loads them for two seconds and answers while it does. */
const keys = 8000;
const loadDelayUs = 250;

const freezeMs = 3000;

/** The rest of the load, a question whether it is over, and a busy machine. ioredis by itself would wait for ten seconds. */
const limitMs = 7000;

describe.runIf(queueKinds.includes('redis'))('When Redis comes back and must load its data first', () => {
  let redis: RedisServer;
  let backend: Backend;

  async function fill(): Promise<void> {
    const client = new Redis(redis.url);
    const pipeline = client.pipeline();
    for (let key = 0; key < keys; key += 1) pipeline.set(`key-${key}`, 'value');
    await pipeline.exec();
    client.disconnect();
  }

  beforeAll(async () => {
    redis = await startRedis(['--key-load-delay', `${loadDelayUs}`]);
    backend = await openRedisBackend({ url: redis.url, prefix: '{loads}', onError: () => {} });
    await fill();
  });

  afterAll(async () => {
    await backend.close();
    await redis.stop();
  });

  test('then the queue is in use soon after the load, whatever Redis has thought that it would take', async () => {
    await redis.kill();
    await redis.start();
    // A pause makes Redis think that the rest will take minutes.
    process.kill(redis.pid(), 'SIGSTOP');
    await sleep(freezeMs);
    process.kill(redis.pid(), 'SIGCONT');
    await waitFor(async () => (await backend.ping().catch(() => 'away')) === undefined, limitMs);
    expect(await backend.claimOnce('after the load', limitMs)).toBe(true);
  });
});
