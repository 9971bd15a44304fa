import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compareWithDatabase, startCallers } from '../services/callers.ts';
import { createCustomer, createdId, faultOf } from '../services/calls.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { monitorSettings, readMonitor } from '../services/monitor.ts';
import { queueKinds } from '../services/queues.ts';
import { freePort } from '../services/redis.ts';
import { startRedisCluster, startSentinelGroup } from '../services/redis-groups.ts';
import { runToEnd, type Service, serviceSettings, startService } from '../services/service.ts';
import { waitFor } from '../services/wait-for.ts';

const call = { web_password: 'correct7horse', i_tariff: 1 };
const prefix = '{createcustomer}';
const callers = 4;

/** Far above what a failover takes here: 1 s to notice, about 1 s to agree. */
const failoverLimitMs = 20_000;

/** As with one Redis; measured around the whole call. */
const answersWithinMs = 2000;

/** A lost job shows in the end of the wait: the caller hears of it and repeats the call. */
const waitTimeoutMs = 3000;

describe.runIf(queueKinds.includes('redis'))('With more than one Redis', () => {
  let database: TestDatabase;
  let service: Service | undefined;
  let group: { stop(): Promise<void> } | undefined;

  beforeEach(async () => {
    database = await createTestDatabase();
  });

  afterEach(async () => {
    await service?.stop();
    await group?.stop();
    service = undefined;
    group = undefined;
    await database.drop();
  });

  async function serveWith(url: string): Promise<Service> {
    const settings = { REDIS_URL: url, WAIT_TIMEOUT_MS: `${waitTimeoutMs}`, LOG_LEVEL: 'warn' };
    service = await startService({ ...serviceSettings(database.url), ...monitorSettings, ...settings });
    return service;
  }

  /** Ends a server under load, and waits until every caller goes on; then nothing may be lost or doubled. */
  async function expectToSurvive({ url }: Service, kill: () => Promise<void>): Promise<void> {
    const load = startCallers({ urls: [url], count: callers });
    await waitFor(() => load.count() > 20);
    await kill();
    const killedAt = Date.now();
    await waitFor(() => load.count(killedAt) > 2 * callers, failoverLimitMs);
    await load.end();
    expect(await compareWithDatabase(database.db, load.answered)).toEqual({ stored: load.answered.length, lost: [] });
  }

  /** The monitor finds the queues where the service has them, before and after it has lost them. */
  async function expectToBeSeen(seen: Service): Promise<void> {
    await waitFor(async () => {
      const { depths, workers, redis } = (await readMonitor(seen, '/api/overview')).state;
      return depths !== undefined && workers === 1 && redis?.evictionPolicy === 'noeviction';
    });
    const { queues } = await readMonitor(seen, '/queues/api/queues');
    expect(queues.map(({ name }: { name: string }) => name)).toEqual(['create-customer', 'import-customers']);
  }

  test('When the master that Sentinels watch is killed, then calls go on with its replica, and none is lost', async () => {
    const sentinels = await startSentinelGroup();
    group = sentinels;
    const serving = await serveWith(sentinels.url);
    await expectToBeSeen(serving);
    await expectToSurvive(serving, sentinels.master.kill);
    await expectToBeSeen(serving);
  });

  test.each(['sentinel', 'cluster'])(
    'When no %s answers at the start, then the service says so and ends',
    async (kind) => {
      const url = `redis+${kind}://127.0.0.1:${await freePort()}${kind === 'sentinel' ? '/main' : ''}`;
      const run = await runToEnd(['serve'], { ...serviceSettings(database.url), REDIS_URL: url, LOG_LEVEL: 'fatal' });
      expect(run).toEqual({
        code: 1,
        output: expect.stringMatching(/^Redis does not answer \(.+\): start it, or correct/),
      });
    },
  );

  test('When the node of a Cluster that has the queue is away, then calls get 503 until it is back', async () => {
    const cluster = await startRedisCluster(prefix);
    group = cluster;
    const { url } = await serveWith(cluster.url);
    createdId(await createCustomer(url, { ...call, name: 'Before' }));
    await cluster.owner.kill();
    await waitFor(async () => faultOf(await createCustomer(url, { ...call, name: 'First while away' })).code === 503);
    const started = performance.now();
    expect(faultOf(await createCustomer(url, { ...call, name: 'While away' }))).toMatchObject({ code: 503 });
    expect(performance.now() - started).toBeLessThan(answersWithinMs);
    await cluster.owner.start();
    await waitFor(async () => 'value' in (await createCustomer(url, { ...call, name: 'After' })));
    const names = await database.db('customers').where('i_customer', '>', 1).orderBy('i_customer').pluck('name');
    expect(names).toEqual(['Before', 'After']);
  });

  test('When a node of a Cluster is killed and has a replica, then calls go on there, and none is lost', async () => {
    const cluster = await startRedisCluster(prefix);
    group = cluster;
    await cluster.addReplica();
    const serving = await serveWith(cluster.url);
    await expectToBeSeen(serving);
    await expectToSurvive(serving, cluster.owner.kill);
    await expectToBeSeen(serving);
  });
});
