import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareWithDatabase, startCallers } from '../services/callers.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { queueKinds } from '../services/queues.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';
import { waitFor } from '../services/wait-for.ts';

const callers = 6;
const callsBetween = 40;

/** Hashes that take a while, so that a killed worker has jobs in its hands. */
const slowerHashing = { ARGON2_MEMORY_KIB: '19456', ARGON2_TIME_COST: '2' };

describe.runIf(queueKinds.includes('redis'))('Two api and two worker processes on one Redis', () => {
  let database: TestDatabase;
  let redis: RedisServer;
  let apis: Service[];
  let workers: Service[];

  beforeAll(async () => {
    database = await createTestDatabase();
    redis = await startRedis();
    const more = { ...slowerHashing, REDIS_URL: redis.url, LOG_LEVEL: 'debug' };
    const settings = { ...serviceSettings(database.url), ...more };
    const start = (role: string) => startService(settings, ['--role', role]);
    workers = [await start('worker'), await start('worker')];
    apis = [await start('api'), await start('api')];
  });

  afterAll(async () => {
    for (const service of [...apis, ...workers]) await service.stop();
    await redis.stop();
    await database.drop();
  });

  test('When one of each is killed under load, then the others go on, and no call is lost or doubled', async () => {
    const urls = apis.map(({ url }) => url);
    const load = startCallers({ urls, count: callers });
    const answerMore = async () => {
      const before = load.count();
      await waitFor(() => load.count() >= before + callsBetween);
    };
    await answerMore();
    const share = [...apis, ...workers].map(({ output }) => /"msg":"(call|job taken)"/.test(output()));
    workers[0]?.process.kill('SIGKILL');
    await answerMore();
    apis[0]?.process.kill('SIGKILL');
    await answerMore();
    await load.end();
    expect(share).toEqual([true, true, true, true]);
    expect(await compareWithDatabase(database.db, load.answered)).toEqual({ stored: load.answered.length, lost: [] });
  });
});
