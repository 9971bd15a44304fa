import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callRemote } from '../../cli/xmlrpc-client.ts';
import { compareWithDatabase, startCallers } from '../services/callers.ts';
import { createCustomer, createdId } from '../services/calls.ts';
import { rootPassword } from '../services/constants.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { startHaproxy } from '../services/haproxy.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';
import { isInstalled } from '../services/tools.ts';
import { waitFor } from '../services/wait-for.ts';

const call = { web_password: 'correct7horse', i_tariff: 1 };

/** A hash that takes about a second: time enough to end an api in the middle of a call. */
const slowHashing = { ARGON2_MEMORY_KIB: '65536', ARGON2_TIME_COST: '20' };
const callsAtOnce = 6;

function taken({ output }: Service): number {
  return output().match(/"msg":"job taken"/g)?.length ?? 0;
}

describe.runIf(isInstalled('haproxy'))('Two api processes behind the proxy', () => {
  let database: TestDatabase;
  let apis: Service[];
  let worker: Service;
  let proxy: Awaited<ReturnType<typeof startHaproxy>> | undefined;
  let url: string;
  let settings: Record<string, string>;

  beforeAll(async () => {
    database = await createTestDatabase();
    settings = { ...serviceSettings(database.url), TRUSTED_PROXIES: '127.0.0.1', LOG_LEVEL: 'debug' };
    worker = await startService({ ...settings, ...slowHashing }, ['--role', 'worker']);
    const startApi = () => startService(settings, ['--role', 'api']);
    apis = [await startApi(), await startApi()];
    proxy = await startHaproxy(apis.map((api) => api.url));
    url = proxy.url;
  });

  afterAll(async () => {
    await proxy?.stop();
    for (const service of [...apis, worker]) await service.stop();
    await database.drop();
  });

  test('When a client logs in with Digest, then both its requests are understood, whichever api gets them', async () => {
    const name = `digest ${randomUUID()}`;
    const first = await createCustomer(`${url}?idempotency_key=one%2Dcall`, { ...call, name });
    const second = await createCustomer(`${url}?idempotency_key=one%2Dcall`, { ...call, name });
    expect(createdId(second)).toBe(createdId(first));
  });

  test('When a client comes over the proxy, then its own address counts, and none that it claims', async () => {
    await database.db('trusted_hosts').insert({ ip: '127.0.0.2/32' });
    const from = (address: string, claimed: readonly string[] = []) => ({
      login: 'none' as const,
      args: ['--interface', address, ...claimed.flatMap((ip) => ['--header', `X-Forwarded-For: ${ip}`])],
    });
    const trusted = { ...call, i_wholesaler: 1 };
    const status = async (at: string, manner: ReturnType<typeof from>) => {
      const answer = await createCustomer(at, { ...trusted, name: `trusted ${randomUUID()}` }, manner).catch(String);
      return typeof answer === 'string' ? 'refused' : createdId(answer) > 0 && 'created';
    };
    expect(await status(url, from('127.0.0.2'))).toBe('created');
    expect(await status(url, from('127.0.0.2', ['198.51.100.1']))).toBe('created');
    expect(await status(url, from('127.0.0.3'))).toBe('refused');
    expect(await status(url, from('127.0.0.3', ['127.0.0.2']))).toBe('refused');
    expect(await status(apis[0]?.url ?? '', from('127.0.0.3', ['127.0.0.2']))).toBe('refused');
  });

  test('When an api is killed, then what was sent to it is sent to no other, and the next calls go there', async () => {
    const before = taken(worker);
    const login = { user: 'root', password: rootPassword };
    const calls = Array.from({ length: callsAtOnce }, () => {
      const params = [{ name: `once ${randomUUID()}`, web_password: 'correct7horse', i_tariff: '1' }];
      return callRemote({ url, method: 'createCustomer', params, ...login });
    });
    const settled = Promise.allSettled(calls);
    await waitFor(() => taken(worker) === before + callsAtOnce);
    apis[0]?.process.kill('SIGKILL');
    const results = await settled;
    const answered = results.flatMap((result) => (result.status === 'fulfilled' ? [createdId(result.value)] : []));
    const cut = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
    expect(answered.length).toBeGreaterThan(0);
    expect(cut.length).toBeGreaterThan(0);
    for (const reason of cut) expect(reason).toMatch(/HTTP 502|does not answer/);
    await createCustomer(url, { ...call, name: `after ${randomUUID()}` }).then(createdId);
    expect(taken(worker)).toBe(before + callsAtOnce + 1);
  });

  test('When clients repeat with their key while an api goes and comes, then no call is lost or doubled', async () => {
    await worker.stop();
    worker = await startService(settings, ['--role', 'worker']);
    const { port } = new URL(apis[0]?.url ?? '');
    apis[0] = await startService({ ...settings, PORT: port }, ['--role', 'api']);
    const stored = await database.db('customers').count().first();
    const load = startCallers({ urls: [url], count: callsAtOnce });
    const answerMore = async () => {
      const goal = load.count() + 60;
      await waitFor(() => load.count() >= goal);
    };
    await answerMore();
    apis[1]?.process.kill('SIGKILL');
    await answerMore();
    await load.end();
    expect(await compareWithDatabase(database.db, load.answered)).toEqual({
      stored: Number(stored?.count) - 1 + load.answered.length,
      lost: [],
    });
  });
});
