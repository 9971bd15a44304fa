import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { decodeResponse } from '../../api/decode.ts';
import { encodeCall } from '../../api/encode.ts';
import { faultOf, post } from '../services/calls.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';

interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
}

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Tells connections apart. */
  readonly localPort: number;
}

const paths = ['/xmlapi/xmlapi', '/xmlapi', '/RPC2'];
const maxBodyBytes = 1_048_576;
const mandatory = { web_password: 'correct7horse', i_tariff: 1 };
const xml = { 'Content-Type': 'text/xml' };

let database: TestDatabase;
let service: Service;

/** Sends one request from 127.0.0.1, which is trusted, with the headers given and no other. */
function send({ path = '/xmlapi', method = 'POST', headers = xml, body = '', agent }: Sent): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const options = { path, method, headers, agent: agent ?? false };
    const sending = request(new URL(service.url).origin, options, (response) => {
      const localPort = response.socket.localPort ?? 0;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { statusCode: status = 0, headers: received } = response;
        resolve({ status, headers: received, body: Buffer.concat(chunks), localPort });
      });
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

/** A dry run that the service answers with OK. */
function rehearsal(name: string): string {
  return encodeCall('createCustomer', [{ ...mandatory, name, i_wholesaler: 1 }]);
}

async function expectHonestCallWorks(): Promise<void> {
  const reply = await send({ path: '/xmlapi?dry_run=1', body: rehearsal('Honest') });
  expect(reply.body.toString()).toContain('<string>OK</string>');
}

beforeAll(async () => {
  database = await createTestDatabase();
  await database.db('trusted_hosts').insert({ ip: '127.0.0.1' });
  service = await startService(serviceSettings(database.url));
});

afterAll(async () => {
  expect(await service.stop()).toBe(0);
  await database.drop();
});

describe('requests', () => {
  test.each(paths)('When %s gets another method than POST, then it answers 405 with Allow', async (path) => {
    for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const reply = await send({ path, method, headers: {} });
      expect([reply.status, reply.headers.allow], method).toEqual([405, 'POST']);
    }
    expect((await send({ path: `${path}?dry_run=1`, body: rehearsal('By path') })).status).toBe(200);
  });

  test('When the path is unknown, then it answers 404', async () => {
    for (const path of ['/', '/xmlapi/', '/xmlapi/xmlapi/x', '/rpc2', '/favicon.ico', '*', '//xmlapi', '/healthz/']) {
      const reply = await send({ path, body: rehearsal('Nowhere') });
      expect([reply.status, reply.headers['content-type']], path).toEqual([404, 'text/plain; charset=utf-8']);
    }
  });

  test('When the request line holds a whole URL, as proxies send it, then the call is answered', async () => {
    const reply = await send({ path: 'http://billing.example/xmlapi?dry_run=1', body: rehearsal('Absolute form') });
    expect(reply.body.toString()).toContain('<string>OK</string>');
  });

  const accepted = [
    'text/xml',
    'application/xml',
    'TEXT/XML',
    'text/xml; charset=utf-8',
    'text/xml ;a="b"; c=d',
    'none',
  ];
  test.each(accepted)('When the content type is %s, then the call is accepted', async (type) => {
    const headers = type === 'none' ? {} : { 'Content-Type': type };
    const reply = await send({ path: '/RPC2?dry_run=1', headers, body: rehearsal(`As ${type}`) });
    expect(reply.body.toString()).toContain('<string>OK</string>');
  });

  const refusedTypes = ['application/json', 'text/plain', 'text/xmlx', 'text/html; text/xml', 'application/soap+xml'];
  test.each(refusedTypes)('When the content type is %s, then it answers 415', async (type) => {
    expect((await send({ headers: { 'Content-Type': type }, body: rehearsal('Refused') })).status).toBe(415);
  });

  test('When the body is said to be compressed, then it answers 415, and identity is accepted', async () => {
    for (const coding of ['gzip', 'deflate', 'br', 'identity, gzip']) {
      const headers = { ...xml, 'Content-Encoding': coding };
      const { status, headers: received } = await send({ headers, body: rehearsal('Compressed') });
      expect([status, received['accept-encoding']], coding).toEqual([415, 'identity']);
    }
    const identity = { ...xml, 'Content-Encoding': 'identity' };
    expect((await send({ headers: identity, body: rehearsal('Identity') })).status).toBe(200);
  });

  test.each(['Content-Length', 'chunks'])('When the body is too large by its %s, then it answers 413', async (by) => {
    const large = Buffer.alloc(8 * maxBodyBytes, 0x20);
    for (const body of [large.subarray(0, maxBodyBytes + 1), large]) {
      const length = by === 'chunks' ? { 'Transfer-Encoding': 'chunked' } : { 'Content-Length': body.length };
      const reply = await send({ headers: { ...xml, ...length }, body });
      expect([reply.status, reply.body.toString()]).toEqual([413, expect.stringContaining(`${maxBodyBytes} bytes`)]);
      await expectHonestCallWorks();
    }
  });

  test('When the body is exactly as large as allowed, then the call is accepted', async () => {
    const call = rehearsal('Large');
    const reply = await send({ path: '/xmlapi?dry_run=1', body: call + ' '.repeat(maxBodyBytes - call.length) });
    expect(reply.body.toString()).toContain('<string>OK</string>');
  });
});

describe('answers', () => {
  test('When a result, a fault or a refusal is sent, then its type and its length in bytes are stated', async () => {
    const unknown = await send({ body: encodeCall('createCustomer', [{ ...mandatory, name: '', Имя: 'x' }]) });
    const result = await send({ path: '/xmlapi?dry_run=1', body: rehearsal('Müller') });
    for (const reply of [unknown, result]) expect(reply.headers['content-type']).toBe('text/xml; charset=utf-8');
    for (const reply of [unknown, result, await send({ path: '/' }), await send({})]) {
      expect(Number(reply.headers['content-length'])).toBe(reply.body.length);
      expect(reply.headers['transfer-encoding']).toBeUndefined();
    }
  });

  test('When a client keeps its connection, then calls, faults and refusals are answered on it', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const first = await send({ agent, path: '/xmlapi?dry_run=1', body: rehearsal('Kept') });
    const others = [await send({ agent, body: '<x/>' }), await send({ agent }), await send({ agent, path: '/' })];
    const last = await send({ agent, path: '/xmlapi?dry_run=1', body: rehearsal('Kept too') });
    agent.destroy();
    for (const reply of [...others, last]) expect(reply.localPort).toBe(first.localPort);
    expect(last.body.toString()).toContain('<string>OK</string>');
  });

  test('When a request id is given, then every answer repeats it; else one is made', async () => {
    const headers = { ...xml, 'X-Request-Id': 'Abc.1_2-3' };
    const some: readonly Sent[] = [
      { body: rehearsal('With id') },
      {},
      { path: '/' },
      { method: 'GET', path: '/healthz' },
    ];
    for (const sent of some) expect((await send({ ...sent, headers })).headers['x-request-id']).toBe('Abc.1_2-3');
    for (const wrong of ['', 'a b', 'x'.repeat(65), 'ä', ['a', 'b'], '<x>']) {
      const made = (await send({ headers: { ...xml, 'X-Request-Id': wrong }, path: '/' })).headers['x-request-id'];
      expect(made).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    }
  });

  test('When something unforeseen happens, then the fault names the request id and nothing else', async () => {
    await database.db.raw('ALTER TABLE customers RENAME api_ha1 TO away');
    const args = ['--header', 'X-Request-Id: id-500'];
    const reply = await post(service.url, rehearsal('Unforeseen'), { args }).finally(() =>
      database.db.raw('ALTER TABLE customers RENAME away TO api_ha1'),
    );
    expect([reply.status, faultOf(decodeResponse(reply.body))]).toEqual([
      200,
      { code: 500, text: 'Internal error, request id-500' },
    ]);
    expect(service.output()).toMatch(/"request_id":"id-500".*call failed/);
    await expectHonestCallWorks();
  });
});

describe('health', () => {
  test('When GET or HEAD /healthz is asked, then the process says that it is up', async () => {
    const get = await send({ method: 'GET', path: '/healthz', headers: {} });
    expect([get.status, JSON.parse(get.body.toString())]).toEqual([200, { status: 'ok' }]);
    const head = await send({ method: 'HEAD', path: '/healthz?x=1', headers: {} });
    expect([head.status, head.body.length, head.headers['content-length']]).toEqual([200, 0, '16']);
    const refused = await send({ path: '/readyz' });
    expect([refused.status, refused.headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  test('When a worker is missing, then /readyz answers 503 and names it; with one it answers ready', async () => {
    const ready = await send({ method: 'GET', path: '/readyz', headers: {} });
    expect([ready.status, JSON.parse(ready.body.toString())]).toEqual([200, { status: 'ready' }]);
    const alone = await createTestDatabase();
    onTestFinished(alone.drop);
    const api = await startService(serviceSettings(alone.url), ['--role', 'api']);
    onTestFinished(async () => expect(await api.stop()).toBe(0));
    const response = await fetch(new URL('/readyz', api.url));
    expect([response.status, await response.json()]).toEqual([503, { status: 'not ready', missing: ['worker'] }]);
    expect((await fetch(new URL('/healthz', api.url))).status).toBe(200);
  });
});
