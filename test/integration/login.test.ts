import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNonces } from '../../api/nonce.ts';
import { answerChallenge } from '../../cli/digest-client.ts';
import { loadSecretKeys } from '../../runtime/secret-keys.ts';
import { post } from '../services/calls.ts';
import { rootPassword, secretKeys } from '../services/constants.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { queueKinds, queueSettings } from '../services/queues.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';

const uri = '/xmlapi/xmlapi';
const headers = { 'Content-Type': 'text/xml' };
const list = '<methodCall><methodName>system.listMethods</methodName></methodCall>';

/** More than one address and login may fail in a minute. */
const manyFailures = 12;

describe.each(queueKinds)('Logging in at two replicas, with the queue in %s', (kind) => {
  let database: TestDatabase;
  let replicas: readonly Service[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    const settings = { ...serviceSettings(database.url), ...queueSettings(kind), TRUSTED_PROXIES: '127.0.0.1' };
    replicas = await Promise.all([startService(settings), startService(settings, ['--role', 'api'])]);
  });

  afterAll(async () => {
    for (const replica of replicas) expect(await replica.stop()).toBe(0);
    await database.drop();
  });

  function urlOf(index: number): string {
    return replicas[index]?.url ?? '';
  }

  function challengeOf(response: Response): string {
    return response.headers.get('www-authenticate') ?? '';
  }

  async function challengeFrom(url: string): Promise<string> {
    return challengeOf(await fetch(url, { method: 'POST', body: list, headers }));
  }

  function answerTo(challenge: string, nc = 1): string {
    const how = { user: 'root', password: rootPassword, method: 'POST', uri, nc };
    return answerChallenge({ challenges: [challenge], ...how }) ?? '';
  }

  async function authorization(url: string): Promise<string> {
    return answerTo(await challengeFrom(url));
  }

  async function send(url: string, header: string): Promise<Response> {
    return fetch(url, { method: 'POST', body: list, headers: { ...headers, Authorization: header } });
  }

  test('When a nonce of one replica is used at the other, then it is good there', async () => {
    expect((await send(urlOf(1), await authorization(urlOf(0)))).status).toBe(200);
  });

  test('When a request is replayed at the other replica, then it is refused with stale=true', async () => {
    const header = await authorization(urlOf(0));
    expect((await send(urlOf(0), header)).status).toBe(200);
    const replayed = await send(urlOf(1), header);
    expect(replayed.status).toBe(401);
    expect(replayed.headers.get('www-authenticate')).toContain('stale=true');
  });

  test('When a client calls both in turn, then it is given another nonce once, of which each count is good at one of them', async () => {
    const own = await challengeFrom(urlOf(0));
    expect((await send(urlOf(0), answerTo(own, 1))).status).toBe(200);
    const elsewhere = await send(urlOf(1), answerTo(own, 2));
    expect(elsewhere.status).toBe(401);
    const shared = challengeOf(elsewhere);
    expect(shared).toContain('stale=true');
    for (const nc of [1, 2, 3, 4, 5, 6]) {
      const header = answerTo(shared, nc);
      expect((await send(urlOf(nc % 2), header)).status).toBe(200);
      for (const index of [0, 1]) expect((await send(urlOf(index), header)).status).toBe(401);
    }
    const next = await challengeFrom(urlOf(1));
    for (const index of [0, 1]) expect((await send(urlOf(index), answerTo(next, index))).status).toBe(200);
  });

  test('When a nonce that was shared has ended, then the next one is shared, too', async () => {
    const sixMinutesAgo = () => Date.now() - 360_000;
    const keys = loadSecretKeys({ SECRET_KEYS: secretKeys, DATA_DIR: '' });
    const ended = createNonces({ keys, lifetimeMs: 0, now: sixMinutesAgo }).issue(true);
    const refused = await send(
      urlOf(0),
      answerTo(`Digest realm="xmlapi", nonce="${ended}", qop="auth", algorithm=MD5`),
    );
    expect(refused.status).toBe(401);
    const next = challengeOf(refused);
    expect(next).toContain('stale=true');
    for (const index of [0, 1]) expect((await send(urlOf(index), answerTo(next, index))).status).toBe(200);
  });

  test('When a client calls both at once with one nonce, then a call that is refused is taken when it is repeated', async () => {
    const own = await challengeFrom(urlOf(0));
    const counts = Array.from({ length: 20 }, (_, nc) => nc);
    const first = await Promise.all(counts.map((nc) => send(urlOf(nc % 2), answerTo(own, nc))));
    const refused = first.filter(({ status }) => status === 401);
    expect(refused).not.toEqual([]);
    const repeated = await Promise.all(refused.map((answer, n) => send(urlOf(n % 2), answerTo(challengeOf(answer)))));
    expect(repeated.map(({ status }) => status)).toEqual(refused.map(() => 200));
  });

  test('When the same request comes to both at the same time, then one of them takes it', async () => {
    const header = await authorization(urlOf(0));
    const answers = await Promise.all([0, 1, 0, 1].map((index) => send(urlOf(index), header)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
  });

  test('When logins fail again and again, then that address waits, also with the right password, and no other does', async () => {
    const from = (address: string) => ['--header', `X-Forwarded-For: ${address}`];
    const wrong = { user: 'root', password: 'wrong-password-1' };
    const statuses: number[] = [];
    for (let attempt = 0; attempt < manyFailures; attempt += 1) {
      statuses.push((await post(urlOf(0), list, { login: wrong, args: from('192.0.2.1') })).status);
    }
    expect(statuses.slice(0, 3)).toEqual([401, 401, 401]);
    const refused = await post(urlOf(0), list, { args: from('192.0.2.1') });
    expect(refused.status).toBe(429);
    expect(refused.headers).toMatch(/^retry-after: [1-9][0-9]?$/im);
    expect((await post(urlOf(0), list, { args: from('192.0.2.2') })).status).toBe(200);
    expect((await post(urlOf(0), list, { login: 'none', args: from('192.0.2.1') })).status).toBe(401);
  });
});
