import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeCall } from '../../api/encode.ts';
import { metricList, metricPrefix } from '../../runtime/metrics.ts';
import { createCustomer, createdId, faultOf, post } from '../services/calls.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { askMonitor, monitorLogin, monitorSettings, readMonitor } from '../services/monitor.ts';
import { queueKinds, queueSettings } from '../services/queues.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';
import { waitFor } from '../services/wait-for.ts';

const secrets = { web_password: 'Clear-Web-Secret-1', api_password: 'Clear-Api-Secret-2' };
const anySecret = /Clear-(Web|Api)-Secret/;
const member = { ...secrets, i_tariff: 1 };

describe.each(queueKinds)('the monitor, with the queue in %s', (kind) => {
  let database: TestDatabase;
  let service: Service;

  beforeAll(async () => {
    database = await createTestDatabase();
    service = await startService({ ...serviceSettings(database.url), ...queueSettings(kind), ...monitorSettings });
  });

  afterAll(async () => {
    expect(await service.stop()).toBe(0);
    expect(service.output()).not.toMatch(anySecret);
    await database.drop();
  });

  async function findCall(text: string) {
    const path = `/api/search?q=${encodeURIComponent(text)}`;
    await waitFor(async () => (await readMonitor(service, path)).calls.length > 0);
    return readMonitor(service, path);
  }

  test('lets nobody in without user and password, to no page', async () => {
    const paths = ['/', '/api/overview', '/api/search?q=1', '/reference', '/metrics', '/queues', '/queues/api/queues'];
    for (const path of [...paths, '/pages/base.css', '/pages/uplot/uPlot.esm.js', '/nothing']) {
      const refused = await askMonitor(service, path, { login: 'none' });
      expect([path, refused.status]).toEqual([path, 401]);
      expect(refused.headers.get('www-authenticate')).toMatch(/^Basic /);
    }
    for (const wrong of [{ password: 'Monitor-Secret-2' }, { user: 'root' }]) {
      expect((await askMonitor(service, '/', { login: { ...monitorLogin, ...wrong } })).status).toBe(401);
    }
  });

  test('forbids its pages whatever comes from elsewhere', async () => {
    for (const path of ['/', '/reference', '/queues']) {
      const page = await askMonitor(service, path);
      const text = await page.text();
      expect([path, page.status]).toEqual([path, 200]);
      expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'self';/);
      expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
    }
  });

  test('finds a call by request id, id, name, login and idempotency key, and tells its life', async () => {
    const members = { ...member, name: `Sought ${kind}`, web_login: `sought-${kind}`, api_access: 1 };
    const args = ['--header', `Idempotency-Key: key-${kind}`, '--header', `X-Request-Id: request-${kind}`];
    const id = createdId(await createCustomer(service.url, members, { args }));
    const texts = [
      `request-${kind}`,
      `${id}`,
      members.name,
      members.name.slice(0, 9),
      members.web_login,
      `key-${kind}`,
    ];
    for (const text of texts) {
      const { calls } = await findCall(text);
      expect(calls, text).toMatchObject([{ i_customer: id, name: members.name, outcome: 'OK', request_id: texts[0] }]);
    }
    const { calls, customers } = await findCall(`key-${kind}`);
    expect(customers).toMatchObject([{ i_customer: id, web_login: members.web_login, request_id: `request-${kind}` }]);
    const [{ received_at, queued_at, taken_at, committed_at, answered_at, mode }] = calls;
    const times = [received_at, queued_at, taken_at, committed_at, answered_at].map((time) => Date.parse(time));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(mode).toBe('customer');
    expect(JSON.stringify({ calls, customers })).not.toMatch(anySecret);
  });

  test('finds calls that were refused, also those that never became one', async () => {
    const taken = { ...member, name: `Taken ${kind}` };
    createdId(await createCustomer(service.url, taken));
    const args = ['--header', `X-Request-Id: refused-${kind}`];
    expect(faultOf(await createCustomer(service.url, taken, { args })).code).toBe(409);
    expect((await findCall(`refused-${kind}`)).calls).toMatchObject([
      { outcome: '409', fault_text: 'name is already in use', i_customer: null, committed_at: null },
    ]);
    await post(service.url, 'no XML', { args: ['--header', `X-Request-Id: broken-${kind}`] });
    expect((await findCall(`broken-${kind}`)).calls).toMatchObject([
      { outcome: '-32700', name: null, queued_at: null },
    ]);
  });

  test('says what is wrong with a search, and takes every text for a text', async () => {
    expect((await askMonitor(service, '/api/search?q=')).status).toBe(400);
    expect((await askMonitor(service, `/api/search?q=${'x'.repeat(257)}`)).status).toBe(400);
    for (const text of ["'; DROP TABLE calls; --", '%', '_', '\\', '99999999999', '?']) {
      const found = await readMonitor(service, `/api/search?q=${encodeURIComponent(text)}`);
      expect(found, text).toEqual({ calls: [], customers: [] });
    }
  });

  test('draws what happened, and says how everything behind it is', async () => {
    createdId(await createCustomer(service.url, { ...member, name: `Drawn ${kind}` }));
    await waitFor(async () => ((await readMonitor(service, '/api/overview')).recent?.calls.OK ?? 0) > 0);
    await waitFor(async () => (await readMonitor(service, '/api/overview')).state.workers === 1);
    const overview = await readMonitor(service, '/api/overview');
    expect(overview.points.length).toBeGreaterThan(0);
    expect(overview.recent).toMatchObject({
      p50: expect.any(Number),
      p99: expect.any(Number),
      wait99: expect.any(Number),
    });
    expect(overview.recent.hashes).toBeGreaterThan(0);
    expect(overview.state.depths).toMatchObject([
      { queue: 'create-customer', waiting: 0 },
      { queue: 'import-customers' },
    ]);
    expect(overview.state.database).toMatchObject({
      version: expect.stringMatching(/^\d+/),
      connections: expect.any(Number),
    });
    expect(overview.state.redis === undefined).toBe(kind === 'postgres');
    expect((await readMonitor(service, '/api/overview?range=3600')).step).toBe(30);
  });

  test('serves every metric of the list', async () => {
    createdId(await createCustomer(service.url, { ...member, name: `Measured ${kind}` }));
    const response = await askMonitor(service, '/metrics');
    const text = await response.text();
    expect(response.headers.get('content-type')).toMatch(/^text\/plain;.* version=0\.0\.4/);
    for (const name of Object.keys(metricList)) expect(text).toContain(`# TYPE ${metricPrefix}${name} `);
    const names = [
      'call_duration_seconds',
      'queue_wait_seconds',
      'transaction_duration_seconds',
      'hash_duration_seconds',
    ];
    for (const name of names) expect(text).toMatch(new RegExp(`^${metricPrefix}${name}_count\\S* [1-9]`, 'm'));
    expect(text).toMatch(/^createcustomer_queue_depth\{queue="create-customer",state="waiting"\} 0/m);
  });

  test('counts requests that were refused before they were a call, and no challenge', async () => {
    const login = { user: 'root', password: 'Wrong-Password-1' };
    expect((await post(service.url, 'x', { login })).status).toBe(401);
    expect((await fetch(service.url)).status).toBe(405);
    const text = await (await askMonitor(service, '/metrics')).text();
    expect(text).toMatch(/^createcustomer_refusals_total\{status="401"\} 1$/m);
    expect(text).toMatch(/^createcustomer_refusals_total\{status="405"\} 1$/m);
  });

  test('has a reference of every member and every fault, with examples', async () => {
    const text = await (await askMonitor(service, '/reference')).text();
    expect(text.match(/<tr id="member-/g)).toHaveLength(63);
    for (const code of [410, 409, 504, -32702]) expect(text).toContain(`<code>${code}</code>`);
    for (const language of ['Shell', 'Python', 'PHP', 'Ruby', 'JavaScript']) expect(text).toContain(language);
    expect(text).toContain(service.url);
  });

  /** What the log says of a request, line by line. */
  function linesOf(requestId: string) {
    const lines = service.output().split('\n');
    return lines.filter((line) => line.includes(`"${requestId}"`)).map((line) => JSON.parse(line));
  }

  test('logs one line for a call and one for its job, which belong together', async () => {
    const args = ['--header', `X-Request-Id: logged-${kind}`];
    const id = createdId(await createCustomer(service.url, { ...member, name: `Logged ${kind}` }, { args }));
    const lines = () => linesOf(`logged-${kind}`);
    await waitFor(() => lines().length === 2);
    const shared = { i_wholesaler: 1, i_customer: id, outcome: 'OK', job_id: expect.any(String) };
    const times = { hash_ms: expect.any(Number), wait_ms: expect.any(Number), ms: expect.any(Number) };
    expect(lines().find(({ msg }) => msg === 'job')).toMatchObject({ ...shared, ...times });
    expect(lines().find(({ msg }) => msg === 'call')).toMatchObject({
      ...shared,
      i_caller: 1,
      committed_ms: expect.any(Number),
    });
  });

  test('logs a line for each call of a batch, and one for the batch', async () => {
    const create = (name: string, i_tariff: number) => ({
      methodName: 'createCustomer',
      params: [{ ...member, name, i_tariff }],
    });
    const batch = [create(`First of a batch ${kind}`, 1), create(`Second of a batch ${kind}`, 99)];
    const args = ['--header', `X-Request-Id: batch-${kind}`];
    await post(service.url, encodeCall('system.multicall', [batch]), { args });
    const outcomes = () => linesOf(`batch-${kind}`).filter(({ msg }) => msg === 'call');
    await waitFor(() => outcomes().length === 3);
    expect(
      outcomes()
        .map(({ outcome, job_id }) => [outcome, typeof job_id])
        .sort(),
    ).toEqual([
      ['401', 'string'],
      ['OK', 'string'],
      ['OK', 'undefined'],
    ]);
  });
});
