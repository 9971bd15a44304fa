import { connect, Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { decodeResponse } from '../../api/decode.ts';
import { encodeCall } from '../../api/encode.ts';
import { startServer } from '../../api/server.ts';
import { createCustomer, createdId, faultOf } from '../services/calls.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';
import { waitFor } from '../services/wait-for.ts';

const mandatory = { web_password: 'correct7horse', i_tariff: 1 };
const head = 'POST /xmlapi HTTP/1.1\r\nHost: x\r\n';
const maxBodyBytes = 1_048_576;
let database: TestDatabase;
let service: Service;
let pid: number | undefined;
let count = 0;

/** A connection to a port of this machine, and what came back on it so far. */
function open(port = Number(new URL(service.url).port)): { socket: Socket; received: () => string } {
  const chunks: Buffer[] = [];
  const socket = connect(port, '127.0.0.1');
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  return { socket, received: () => Buffer.concat(chunks).toString('latin1') };
}

/** Sends bytes and returns everything that comes back until the server ends the connection. */
async function exchange(bytes: string | Buffer): Promise<string> {
  const { socket, received } = open();
  socket.write(bytes);
  await waitFor(() => socket.readableEnded || socket.closed);
  return received();
}

function rehearsal(name: string): string {
  return encodeCall('createCustomer', [{ ...mandatory, name, i_wholesaler: 1 }]);
}

/** A whole request of a trusted host, for a dry run. */
function request(document: string, more = ''): string {
  const line = 'POST /xmlapi?dry_run=1 HTTP/1.1\r\nHost: x\r\n';
  return `${line}${more}Content-Length: ${Buffer.byteLength(document)}\r\n\r\n${document}`;
}

async function faultFor(document: string): Promise<{ readonly code: number; readonly text: string }> {
  const answer = await exchange(request(document, 'Connection: close\r\n'));
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  return faultOf(decodeResponse(answer.slice(answer.indexOf('<?xml'))));
}

beforeAll(async () => {
  database = await createTestDatabase();
  await database.db('trusted_hosts').insert({ ip: '127.0.0.1' });
  service = await startService({ ...serviceSettings(database.url), LOG_LEVEL: 'debug' });
  pid = service.process.pid;
});

afterEach(async () => {
  count += 1;
  createdId(await createCustomer(service.url, { ...mandatory, name: `Honest ${count}` }));
  expect([service.process.pid, service.process.exitCode]).toEqual([pid, null]);
  expect(service.output()).not.toMatch(/"level":(50|60)|internal error|uncaught|unhandled|warning/i);
});

afterAll(async () => {
  expect(await service.stop()).toBe(0);
  await database.drop();
});

describe('what is no HTTP', () => {
  const fill = 'x'.repeat(1_000_000);
  const rows: readonly (readonly [what: string, bytes: string, status: number])[] = [
    ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['zeros', '\0'.repeat(100_000), 400],
    ['another protocol', 'EHLO example.org\r\n\r\n', 400],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['an endless request line', `POST /${fill}`, 431],
    ['an endless header', `${head}X: ${fill}`, 431],
    ['endless headers', `${head}${'a: b\r\n'.repeat(100_000)}`, 431],
    ['no Host', 'POST /xmlapi HTTP/1.1\r\n\r\n', 400],
    ['a control character in a header', `${head}X: a\x01b\r\n\r\n`, 400],
    ['a folded header', `${head}X: a\r\n b\r\nContent-Length: 0\r\n\r\n`, 400],
  ];
  test.each(rows)('When %s comes, then the connection ends and the service stays', async (...[, bytes, status]) => {
    expect(await exchange(Buffer.from(bytes, 'latin1'))).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  const smuggled = `0\r\n\r\n${request(rehearsal('Smuggled'))}`;
  const framings: readonly (readonly [what: string, headers: string])[] = [
    ['Content-Length and Transfer-Encoding', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'],
    ['Transfer-Encoding and Content-Length', 'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n'],
    ['two different Content-Lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n'],
    ['two equal Content-Lengths', 'Content-Length: 5\r\nContent-Length: 5\r\n'],
    ['a list of Content-Lengths', 'Content-Length: 5, 6\r\n'],
    ['a negative Content-Length', 'Content-Length: -1\r\n'],
    ['a signed Content-Length', 'Content-Length: +5\r\n'],
    ['a hexadecimal Content-Length', 'Content-Length: 0x5\r\n'],
    ['a Content-Length beyond 64 bits', 'Content-Length: 99999999999999999999\r\n'],
    ['a space before the colon', 'Transfer-Encoding : chunked\r\n'],
    ['a coding behind chunked', 'Transfer-Encoding: chunked, identity\r\n'],
    ['lines that end in LF alone', 'Content-Length: 0\nTransfer-Encoding: chunked\r\n'],
  ];
  test.each(framings)('When a request has %s, then nothing in it is taken for a request', async (_what, headers) => {
    const answer = await exchange(`${head}${headers}\r\n${smuggled}`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  test('When a chunk is too long or has no length, then the connection ends', async () => {
    for (const chunk of ['FFFFFFFFFFFFFFFFF\r\n', '-1\r\n', 'x\r\n', `5;${'e'.repeat(100_000)}\r\n`]) {
      const answer = await exchange(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk}`);
      expect(answer).toMatch(/HTTP\/1\.1 4(00|13|31) /);
    }
  });
});

describe('connections', () => {
  test('When there are thousands of headers, then the last one counts like the first', async () => {
    const headers = `${'a:\r\n'.repeat(3000)}Authorization: Basic x\r\nConnection: close\r\n`;
    expect(await exchange(request(rehearsal('Hidden header'), headers))).toMatch(/^HTTP\/1\.1 401 /);
  });

  test('When clients disconnect in the middle of a body, then they are forgotten', async () => {
    for (const leave of ['destroy', 'resetAndDestroy', 'end'] as const) {
      const { socket, received } = open();
      socket.write(`${head}X-Request-Id: left-${leave}\r\nContent-Length: 99\r\nExpect: 100-continue\r\n\r\n`);
      await waitFor(() => received().startsWith('HTTP/1.1 100 '));
      socket.write('<methodCall>', () => socket[leave]());
      await waitFor(() => new RegExp(`"left-${leave}".*the client went away`).test(service.output()));
    }
  });

  test('When clients leave before their answer, then it is dropped', async () => {
    const logged = (what: string) => () => new RegExp(`"unheard".*${what}`).test(service.output());
    await database.db.transaction(async (holding) => {
      await holding.raw('LOCK TABLE customers IN SHARE MODE');
      const { socket } = open();
      socket.write(request(rehearsal('Unheard'), 'X-Request-Id: unheard\r\n'));
      await waitFor(logged('job taken'));
      socket.resetAndDestroy();
    });
    await waitFor(logged('"outcome":"OK"'));
  });

  test('When requests are pipelined, then each is answered, in order', async () => {
    const ids = ['one', 'two', 'three', 'four'];
    const requests = ids.map((id) => request(rehearsal(id), `X-Request-Id: ${id}\r\n`));
    const answer = await exchange(`${requests.join('')}GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect([...answer.matchAll(/X-Request-Id: ([-\w]+)\r\n/gi)].map(([, id]) => id)).toEqual([
      ...ids,
      expect.anything(),
    ]);
    expect(answer.match(/<string>OK<\/string>/g)).toHaveLength(ids.length);
  });

  test('When garbage follows a call, then the call is answered before the connection ends', async () => {
    const answer = await exchange(`${request(rehearsal('Before garbage'))}\x01garbage\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*<string>OK<\/string>/);
    expect(answer).not.toContain('400');
  });

  test('When clients hold connections without a whole request, then the service ends in time all the same', async () => {
    const other = await startService(serviceSettings(database.url));
    onTestFinished(() => void other.process.kill('SIGKILL'));
    const port = Number(new URL(other.url).port);
    const held = ['', 'POST /xml', `${head}Content-Length: 9\r\n\r\n<`].map((bytes) => {
      const { socket } = open(port);
      socket.write(bytes);
      return socket;
    });
    await waitFor(() => held.every(({ pending }) => !pending));
    expect((await fetch(new URL('/healthz', other.url))).status).toBe(200);
    expect(await other.stop()).toBe(0);
  });

  test('When a request never ends, then it is cut off, and the limits for that are what we set', async () => {
    const listen = vi.spyOn(Server.prototype, 'listen');
    onTestFinished(() => listen.mockRestore());
    const running = await startServer(() => {}, { host: '127.0.0.1', port: 0 });
    onTestFinished(running.close);
    const server = listen.mock.contexts[0];
    const limits = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000, maxConnections: 10_000 };
    expect(server).toMatchObject({ ...limits, maxHeadersCount: 0 });
    Object.assign(server ?? {}, { headersTimeout: 50, requestTimeout: 100 });
    for (const bytes of ['', 'POST /xmlapi HT', head, `${head}Content-Length: 9\r\n\r\n<`]) {
      const { socket, received } = open(running.port);
      socket.write(bytes);
      await waitFor(() => socket.readableEnded);
      expect(received()).toMatch(/^HTTP\/1\.1 408 /);
    }
  });
});

describe('documents', () => {
  const values = (inner: string) =>
    `<methodCall><methodName>createCustomer</methodName><params><param><value>${inner}</value></param></params></methodCall>`;
  const filled = (piece: string) => values(`<struct>${piece.repeat((maxBodyBytes - 200) / piece.length)}</struct>`);
  const nested = `${'<array><data><value>'.repeat(20_000)}x${'</value></data></array>'.repeat(20_000)}`;
  const member = (name: string) => `<member><name>${name}</name><value>1</value></member>`;
  const bomb = `<!DOCTYPE a [<!ENTITY b "${'b'.repeat(1000)}"><!ENTITY c "${'&b;'.repeat(1000)}">]>${values('&c;')}`;
  const many = (size: number) =>
    values(`<struct>${Array.from({ length: size }, (_, i) => member(`m${i}`)).join('')}</struct>`);
  const rows: readonly (readonly [what: string, document: string, code: number, text: string])[] = [
    ['values nested 20,000 deep', values(nested), -32600, 'Not XML-RPC'],
    ['a mebibyte of members without a name', filled('<member/>'), -32600, 'Not XML-RPC'],
    ['a mebibyte of the same member', filled(member('a')), -32600, 'Not XML-RPC'],
    ['a mebibyte of open tags', '<value>'.repeat(149_000), -32600, 'Not XML-RPC'],
    ['a mebibyte of ampersands', values('&'.repeat(1_000_000)), -32700, 'Not well-formed'],
    ['a DOCTYPE with entities', bomb, -32700, 'Not well-formed XML (line 1): a DOCTYPE is not accepted'],
    ['1001 members', many(1001), -32600, 'Not XML-RPC'],
    [
      'a name of a million letters',
      values(`<struct>${member('n'.repeat(1_000_000))}</struct>`),
      410,
      'Parameter i_tariff',
    ],
    ['a name of emoji', values(`<struct>${member('😀'.repeat(200_000))}</struct>`), 410, 'Parameter i_tariff'],
    ['a value of a million letters', rehearsal('x'.repeat(1_000_000)), 400, 'Wrong value of name: must have 1 to 128'],
  ];
  test.each(rows)('When a document holds %s, then a short fault says so', async (...[, document, code, text]) => {
    const fault = await faultFor(document);
    expect(fault).toEqual({ code, text: expect.stringContaining(text) });
    expect(fault.text.length).toBeLessThan(500);
  });

  test('When members are named like properties of objects, then they are unknown and nothing else', async () => {
    const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'prototype', '__defineGetter__'];
    const fault = await faultFor(rehearsal('Polluter').replace('<struct>', `<struct>${names.map(member).join('')}`));
    expect(fault.code).toBe(400);
    expect(fault.text.split('\n').map((line) => line.split(':')[0])).toEqual(
      names.map((n) => `Unknown parameter ${n}`),
    );
  });

  test('When 1000 members are unknown, then one fault names them all', async () => {
    const { code, text } = await faultFor(many(1000));
    expect([code, text.split('\n').length]).toEqual([410, 1004]);
  });
});
