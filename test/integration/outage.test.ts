import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createCustomer, createdId, faultOf } from '../services/calls.ts';
import { createTestDatabase } from '../services/database.ts';
import { startOwnPostgres } from '../services/own-postgres.ts';
import { queueKinds } from '../services/queues.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';
import { waitFor } from '../services/wait-for.ts';

const call = { web_password: 'correct7horse', i_tariff: 1 };
const answersWithinMs = 2000;

/** How long the promise of the contract allows; measured around the whole call, curl's start included. */
async function timed<T>(run: () => Promise<T>): Promise<{ readonly result: T; readonly ms: number }> {
  const start = performance.now();
  const result = await run();
  return { result, ms: performance.now() - start };
}

async function expectUnavailable(url: string, name: string): Promise<void> {
  const { result, ms } = await timed(() => createCustomer(url, { ...call, name }));
  expect(faultOf(result)).toMatchObject({
    code: 503,
    text: expect.stringMatching(/^Service unavailable, request \S+$/),
  });
  expect(ms).toBeLessThan(answersWithinMs);
}

async function expectRecovery(url: string, name: string): Promise<void> {
  await waitFor(async () => 'value' in (await createCustomer(url, { ...call, name })));
}

describe.runIf(queueKinds.includes('redis'))('When Redis is stopped', () => {
  let redis: RedisServer;
  let service: Service;
  let database: Awaited<ReturnType<typeof createTestDatabase>>;

  beforeAll(async () => {
    database = await createTestDatabase();
    redis = await startRedis();
    service = await startService({ ...serviceSettings(database.url), REDIS_URL: redis.url });
  });

  afterAll(async () => {
    expect(await service.stop()).toBe(0);
    await redis.stop();
    await database.drop();
  });

  test('then a call gets fault 503 in under two seconds, nothing is created, and calls go on when it is back', async () => {
    createdId(await createCustomer(service.url, { ...call, name: 'Before' }));
    await redis.kill();
    await expectUnavailable(service.url, 'While Redis is away');
    await expectUnavailable(service.url, 'While Redis is still away');
    expect(await (await fetch(new URL('/readyz', service.url))).json()).toMatchObject({ missing: ['queue', 'worker'] });
    await redis.start();
    await expectRecovery(service.url, 'After');
    const names = await database.db('customers').where('i_customer', '>', 1).orderBy('i_customer').pluck('name');
    expect(names).toEqual(['Before', 'After']);
  });

  test('then SIGTERM ends the service all the same', async () => {
    await redis.kill();
    expect(await service.stop()).toBe(0);
  });
});

describe.each(queueKinds)('When PostgreSQL is stopped, with the queue in %s', (kind) => {
  let settings: Record<string, string>;
  let redis: RedisServer | undefined;
  let postgres: Awaited<ReturnType<typeof startOwnPostgres>>;
  let service: Service | undefined;

  beforeAll(async () => {
    postgres = await startOwnPostgres();
    redis = kind === 'redis' ? await startRedis() : undefined;
    settings = { ...serviceSettings(postgres.url), ...(redis ? { REDIS_URL: redis.url } : {}) };
  });

  afterEach(async () => {
    expect(await service?.stop()).toBe(0);
  });

  afterAll(async () => {
    await redis?.stop();
    await postgres.remove();
  });

  test('then a call gets fault 503 in under two seconds, and calls go on when it is back', async () => {
    service = await startService(settings);
    createdId(await createCustomer(service.url, { ...call, name: 'Before' }));
    await postgres.stop();
    await expectUnavailable(service.url, 'While PostgreSQL is away');
    await expectUnavailable(service.url, 'While PostgreSQL is still away');
    await postgres.start();
    await expectRecovery(service.url, 'After');
  });
});
