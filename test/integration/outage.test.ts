import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { prepareDatabase } from '../../cli/prepare-database.ts';
import { connect } from '../../db/connect.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../embedded/postgres.ts';
import { readSettings } from '../../runtime/config.ts';
import { loadSecretKeys } from '../../runtime/secret-keys.ts';
import { createCustomer, createdId, faultOf } from '../services/calls.ts';
import { rootPassword, secretKeys } from '../services/constants.ts';
import { createTestDatabase } from '../services/database.ts';
import { queueKinds } from '../services/queues.ts';
import { freePort, type RedisServer, startRedis } from '../services/redis.ts';
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
  const dataDir = mkdtempSync(join(tmpdir(), 'createcustomer-outage-'));
  let settings: Record<string, string>;
  let redis: RedisServer | undefined;
  let postgres: EmbeddedPostgres;
  let service: Service | undefined;

  async function startPostgres(port: number): Promise<void> {
    postgres = await startEmbeddedPostgres({ dataDir, settings: { port: String(port) } });
  }

  beforeAll(async () => {
    const port = await freePort();
    await startPostgres(port);
    redis = kind === 'redis' ? await startRedis() : undefined;
    const url = postgres.url('postgres').replace(/:\d+\//, `:${port}/`);
    settings = { ...serviceSettings(url), ...(redis ? { REDIS_URL: redis.url } : {}), PG_PORT: String(port) };
    const read = readSettings({ DATABASE_URL: url, SECRET_KEYS: secretKeys, ROOT_API_PASSWORD: rootPassword });
    const db = connect({ url, applicationName: 'tests', maxConnections: 2 });
    const database = { db, url, embedded: false };
    await prepareDatabase({ settings: read, database, secretKeys: loadSecretKeys(read), say: () => {} });
    await db.destroy();
  });

  afterEach(async () => {
    expect(await service?.stop()).toBe(0);
  });

  afterAll(async () => {
    await redis?.stop();
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test('then a call gets fault 503 in under two seconds, and calls go on when it is back', async () => {
    service = await startService(settings);
    createdId(await createCustomer(service.url, { ...call, name: 'Before' }));
    await postgres.stop();
    await expectUnavailable(service.url, 'While PostgreSQL is away');
    await expectUnavailable(service.url, 'While PostgreSQL is still away');
    await startPostgres(Number(settings.PG_PORT));
    await expectRecovery(service.url, 'After');
  });
});
