import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { decodeResponse } from '../../api/decode.ts';
import { encodeCall } from '../../api/encode.ts';
import { createCustomer, createdId, faultOf, type Members, post } from '../services/calls.ts';
import { rootPassword } from '../services/constants.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';
import { waitFor } from '../services/wait-for.ts';

interface Login {
  readonly nonce: string;
  readonly algorithm?: string;
  readonly realm?: string;
  readonly user?: string;
  readonly password?: string;
  readonly method?: string;
  readonly uri?: string;
  readonly nc?: string;
}

const listMethods = '<methodCall><methodName>system.listMethods</methodName></methodCall>';
const mandatory = { web_password: 'correct7horse', i_tariff: 1 };
const carl = { user: 'carl', password: 'telephone-1' };
const path = '/xmlapi/xmlapi';
let database: TestDatabase;
let service: Service;
let carlsId: number;

/** RFC 7616, section 3.4, written anew: the server is not measured with its own yardstick. */
function authorization(login: Login): string {
  const { nonce, algorithm = 'MD5', realm = 'xmlapi', user = 'root', password = rootPassword } = login;
  const { method = 'POST', uri = path, nc = '00000001' } = login;
  const hash = (text: string) => createHash(algorithm.replace('-', '')).update(text).digest('hex');
  const secret = hash(`${user}:${realm}:${password}`);
  const response = hash(`${secret}:${nonce}:${nc}:0a4f113b:auth:${hash(`${method}:${uri}`)}`);
  const fields = `username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", algorithm=${algorithm}`;
  return `Authorization: Digest ${fields}, qop=auth, nc=${nc}, cnonce="0a4f113b", response="${response}"`;
}

/** One request with no more login than the headers given. */
function once(members: Members, headers: readonly string[], url = service.url) {
  const args = headers.flatMap((header) => ['--header', header]);
  return post(url, encodeCall('createCustomer', [{ ...mandatory, ...members }]), { login: 'none', args });
}

async function newNonce(url = service.url): Promise<string> {
  const { headers } = await post(url, '', { login: 'none' });
  return /nonce="([^"]+)"/.exec(headers)?.[1] ?? '';
}

function idOf({ body }: { readonly body: string }): number {
  return createdId(decodeResponse(body));
}

/** Whether loopback is trusted by now: the service remembers for a moment what it read. */
async function isTrusted(): Promise<boolean> {
  return (await post(service.url, listMethods, { login: 'none' })).status === 200;
}

async function trusting<T>(run: () => Promise<T>): Promise<T> {
  await database.db('trusted_hosts').insert({ ip: '127.0.0.1' });
  await waitFor(isTrusted);
  try {
    return await run();
  } finally {
    await database.db('trusted_hosts').delete();
    await waitFor(async () => !(await isTrusted()));
  }
}

async function audit(i_customer: number) {
  return database.db('audit_log').where({ i_customer }).first('mode', 'i_caller', 'address');
}

/** A process of its own, which has not counted the failed logins of other tests. */
async function startReplica(): Promise<Service> {
  const replica = await startService(serviceSettings(database.url));
  onTestFinished(async () => expect(await replica.stop()).toBe(0));
  return replica;
}

beforeAll(async () => {
  database = await createTestDatabase();
  service = await startService(serviceSettings(database.url));
  const agency = { customers_mgmt: 7, max_depth: 3, use_own_tariff: 1, ...mandatory };
  const api = { api_access: 1, api_password: carl.password };
  carlsId = createdId(await createCustomer(service.url, { ...agency, ...api, name: 'carl' }));
  createdId(await createCustomer(service.url, { ...agency, ...api, api_access: 0, name: 'dora' }));
});

afterAll(async () => {
  expect(await service.stop()).toBe(0);
  await database.drop();
});

describe('a login with HTTP Digest', () => {
  test('When nobody has logged in, then MD5 is offered before SHA-256, with the realm first and qop auth', async () => {
    const { status, headers } = await once({ name: 'Nobody' }, []);
    const challenge = (algorithm: string) =>
      expect.stringMatching(
        new RegExp(`^Digest realm="xmlapi", nonce="[-\\w]{48}", qop="auth", algorithm=${algorithm}$`),
      );
    const challenges = headers.split('\r\n').flatMap((line) => /^WWW-Authenticate: (.*)/.exec(line)?.[1] ?? []);
    expect([status, challenges]).toEqual([401, [challenge('MD5'), challenge('SHA-256')]]);
  });

  test('When curl logs in, then the customer who did is the parent', async () => {
    const child = { ...mandatory, name: 'By curl', i_tariff: null };
    const i_customer = createdId(await createCustomer(service.url, child, { login: carl }));
    expect(await audit(i_customer)).toEqual({ mode: 'customer', i_caller: carlsId, address: '127.0.0.1' });
    expect(await database.db('customers').where({ i_customer }).first('i_wholesaler')).toEqual({
      i_wholesaler: carlsId,
    });
  });

  test.each(['MD5', 'SHA-256'])('When a client answers with %s, then it is let in', async (algorithm) => {
    const nonce = await newNonce();
    idOf(await once({ name: `By ${algorithm}` }, [authorization({ nonce, algorithm })]));
    idOf(await once({ name: `Again by ${algorithm}` }, [authorization({ nonce, algorithm, nc: '0000000a' })]));
  });

  test('When the password is wrong, the user unknown or without API access, then the answers are the same', async () => {
    const nonce = await newNonce();
    const rows: readonly Partial<Login>[] = [
      { password: 'wrong-1' },
      { user: 'nobody', password: 'wrong-1' },
      { user: 'dora', password: carl.password },
      { user: 'Root' },
      { user: 'root ' },
      { user: "root' OR 1=1 --" },
      { user: 'x'.repeat(5000) },
      { user: '' },
    ];
    const answers = new Set<string>();
    for (const row of rows) {
      const { status, headers, body } = await once({ name: 'Refused' }, [authorization({ nonce, ...row })]);
      expect(status, row.user).toBe(401);
      answers.add(`${headers}\n${body}`.replace(/nonce="[^"]+"|^(Date|X-Request-Id): .*$/gm, ''));
    }
    expect([...answers]).toHaveLength(1);
    expect([...answers][0]).not.toContain('stale');
    expect(service.output()).not.toMatch(/"level":(50|60)/);
  });

  test('When the very same header is sent again, then it is refused as stale, and a new nonce helps', async () => {
    const header = authorization({ nonce: await newNonce() });
    idOf(await once({ name: 'Original' }, [header]));
    const replayed = await once({ name: 'Replay' }, [header]);
    expect([replayed.status, replayed.headers.match(/, stale=true\r?$/gm)?.length]).toEqual([401, 2]);
    const nonce = /nonce="([^"]+)"/.exec(replayed.headers)?.[1] ?? '';
    idOf(await once({ name: 'Not a replay' }, [authorization({ nonce })]));
  });

  test('When the login is for another target, realm, method or nonce, then it is refused and not stale', async () => {
    const nonce = await newNonce();
    const forged = nonce.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
    const good = authorization({ nonce });
    const targets = ['/xmlapi', '/RPC2', `${path}?dry_run=1`, `${path}/`].map((uri) => authorization({ nonce, uri }));
    const others = [{ realm: 'other' }, { method: 'GET' }, { nonce: forged }].map((row) =>
      authorization({ nonce, ...row }),
    );
    const without = good.replace(', qop=auth', '');
    for (const header of [...targets, ...others, without]) {
      const { status, headers } = await once({ name: 'Elsewhere' }, [header]);
      expect([status, headers.includes('stale')], header).toEqual([401, false]);
    }
    idOf(await once({ name: 'Here' }, [good]));
  });

  test('When the caller names a parent, then its own id is tolerated and another one is fault 403', async () => {
    const child = { ...mandatory, i_tariff: null };
    const own = await createCustomer(service.url, { ...child, name: 'Own', i_wholesaler: carlsId }, { login: carl });
    createdId(own);
    const other = await createCustomer(service.url, { ...child, name: 'Other', i_wholesaler: 1 }, { login: carl });
    const text = expect.stringMatching(/^Permission denied: i_wholesaler/);
    expect(faultOf(other)).toEqual({ code: 403, text });
  });
});

describe('two replicas', () => {
  test('When one issued the nonce, then the other accepts it', async () => {
    const second = await startReplica();
    const nonce = await newNonce();
    idOf(await once({ name: 'Second replica' }, [authorization({ nonce })], second.url));
  });
});

describe('a trusted host', () => {
  test('When it sends no login, then i_wholesaler is mandatory and must exist', async () => {
    await trusting(async () => {
      const call = (name: string, more: Members) => once({ name, ...more }, []);
      const faults = [await call('None', {}), await call('Unknown', { i_wholesaler: 999_999 })];
      expect(faults.map(({ body }) => faultOf(decodeResponse(body)))).toEqual([
        { code: 410, text: 'Parameter i_wholesaler is required' },
        { code: 401, text: expect.stringMatching(/^Wrong i_wholesaler/) },
      ]);
      const i_customer = idOf(await call('Trusted', { i_wholesaler: carlsId, i_tariff: null }));
      expect(await audit(i_customer)).toEqual({ mode: 'trusted', i_caller: null, address: '127.0.0.1' });
    });
  });

  test('When it sends a login that fails, then it is 401 all the same', async () => {
    const wrong = authorization({ nonce: await newNonce(), password: 'wrong-1' });
    const basic = `Authorization: Basic ${btoa(`root:${rootPassword}`)}`;
    await trusting(async () => {
      for (const header of [wrong, basic, 'Authorization: Digest', 'Authorization: x', 'Authorization;']) {
        expect((await once({ name: 'Failed', i_wholesaler: 1 }, [header])).status, header).toBe(401);
      }
    });
  });

  test('When it means to use Digest and probes with an empty body, then it is challenged and logs in', async () => {
    const call = { ...mandatory, name: 'Probing' };
    const { url } = await startReplica();
    const i_customer = await trusting(async () => createdId(await createCustomer(url, call)));
    expect(await audit(i_customer)).toMatchObject({ mode: 'customer', i_caller: 1 });
  });
});
