import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeCall } from '../../api/encode.ts';
import { createCustomer, createdId } from '../services/calls.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';
import { waitFor } from '../services/wait-for.ts';

const mandatory = { web_password: 'correct7horse', i_tariff: 1 };
const head = 'POST /xmlapi HTTP/1.1\r\nHost: x\r\n';
const healthCheck = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
const timedOut = /^HTTP\/1\.1 408 Request Timeout\r\nConnection: close\r\n/;
const mebibyte = 1024 * 1024;

/** What `api/server.ts` accepts. */
const maxConnections = 10_000;

/** Room for a loaded machine: every limit of the service is far below it. */
const waitMs = 55_000;

/** How much memory one 64 KiB chunk after the other may cost at worst: garbage that is not collected yet. */
const maxGrowthOfEndlessBodies = 100 * mebibyte;

/** 30 KiB for each connection, parser and kernel's buffers for Node included. */
const maxGrowthOfConnections = 300 * mebibyte;

/** The service drops 64 MiB behind its answer and looks ten times a second; a local socket takes a GiB in a second or two. */
const maxBytesAccepted = 1024 * mebibyte;

interface Client {
  readonly socket: Socket;
  received(): string;
}

const clients = new Set<Socket>();
let database: TestDatabase;
/** One for slow and endless senders, one that is full. */
let service: Service;
let crowded: Service;

/** A connection, and what came back on it so far. It never hangs up by itself when it is told to keep its side open. */
function open(to: Service, { allowHalfOpen = false } = {}): Client {
  const chunks: Buffer[] = [];
  const socket = connect({ port: Number(new URL(to.url).port), host: '127.0.0.1', allowHalfOpen });
  clients.add(socket);
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {});
  socket.on('close', () => clients.delete(socket));
  return { socket, received: () => Buffer.concat(chunks).toString('latin1') };
}

/** Sends a byte a second, again and again from the start, for as long as the connection lives. */
function drip({ socket }: Client, bytes: string): void {
  let sent = 0;
  const timer = setInterval(() => {
    socket.write(bytes.charAt(sent % bytes.length));
    sent += 1;
  }, 1000);
  socket.on('close', () => clearInterval(timer));
}

/** Sends a chunked body without an end, as fast as the connection takes it. */
function sendWithoutEnd({ socket }: Client, head: string): void {
  const chunk = Buffer.from(`10000\r\n${' '.repeat(0x10000)}\r\n`);
  const fill = () => {
    while (socket.writable && socket.write(chunk));
  };
  socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
  socket.on('drain', fill);
  fill();
}

/** Fails when the service does not create a customer on a new connection. */
async function expectHonestCallWorks(at: Service, name: string): Promise<void> {
  createdId(await createCustomer(at.url, { ...mandatory, name }));
}

/** Bytes of memory that a process holds now (VmRSS), or has held at most (VmHWM). */
function memoryOf({ process: { pid } }: Service, what: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${what}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
}

/** Opens many connections, some at a time, so that none waits in the queue of the kernel. */
async function openMany(count: number, ready: (client: Client) => boolean, first = ''): Promise<Client[]> {
  const all: Client[] = [];
  while (all.length < count) {
    const batch = Array.from({ length: Math.min(200, count - all.length) }, () => open(crowded));
    for (const { socket } of batch) socket.write(first);
    await waitFor(() => batch.every((client) => ready(client) || client.socket.closed), waitMs);
    all.push(...batch);
  }
  return all;
}

const isOpen = ({ socket }: Client) => !(socket.pending || socket.readableEnded || socket.closed);
const isHealthy = ({ received }: Client) => received().includes('{"status":"ok"}');

function requireOpenFiles(needed: number): void {
  const limit = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim();
  if (limit === 'unlimited' || Number(limit) >= needed) return;
  throw new Error(`This test opens ${needed} files at a time, and ${limit} are allowed: raise \`ulimit -n\`.`);
}

/** Closes connections, and waits until the full service has noticed. */
async function hangUp(connections: readonly Client[]): Promise<void> {
  for (const { socket } of connections) socket.destroy();
  await waitFor(() => readdirSync(`/proc/${crowded.process.pid}/fd`).length < 500, waitMs);
}

beforeAll(async () => {
  database = await createTestDatabase();
  await database.db('trusted_hosts').insert({ ip: '127.0.0.1' });
  const settings = serviceSettings(database.url);
  [service, crowded] = await Promise.all([startService(settings), startService(settings)]);
});

afterAll(async () => {
  for (const socket of clients) socket.destroy();
  for (const running of [service, crowded]) {
    expect(await running.stop()).toBe(0);
    expect(running.output()).not.toMatch(/"level":(50|60)|internal error|uncaught|unhandled|warning/i);
  }
  await database.drop();
});

describe.concurrent('A service', () => {
  test('When headers come a byte a second, then 408 ends the connection, and it closes on a client that stays', async () => {
    const client = open(service, { allowHalfOpen: true });
    drip(client, `${head}X: ${'x'.repeat(1000)}`);
    await expectHonestCallWorks(service, 'Beside slow headers');
    expect(client.received()).toBe('');
    await waitFor(() => client.socket.readableEnded, waitMs);
    expect(client.received()).toMatch(timedOut);
    await waitFor(() => client.socket.closed, waitMs);
    await expectHonestCallWorks(service, 'After slow headers');
  });

  test('When a body comes a byte a second, then 408 ends the connection, and what comes later is no call', async () => {
    const client = open(service, { allowHalfOpen: true });
    const call = encodeCall('createCustomer', [{ ...mandatory, name: 'Too late', i_wholesaler: 1 }]);
    client.socket.write(`${head}Content-Length: 1000\r\n\r\n${call}`);
    const blanks = 1000 - Buffer.byteLength(call);
    drip(client, ' ');
    await expectHonestCallWorks(service, 'Beside a slow body');
    expect(client.received()).toBe('');
    await waitFor(() => client.socket.readableEnded, waitMs);
    expect(client.received()).toMatch(timedOut);
    client.socket.end(' '.repeat(blanks));
    await waitFor(() => client.socket.closed, waitMs);
    await expectHonestCallWorks(service, 'After a slow body');
    expect(await database.db('customers').where({ name: 'Too late' })).toEqual([]);
  });

  test('When a refused body comes a byte a second, then the connection ends all the same', async () => {
    const client = open(service);
    client.socket.write(`${head}Authorization: Basic x\r\nContent-Length: 1000\r\n\r\n`);
    drip(client, ' ');
    await waitFor(() => client.socket.closed, waitMs);
    expect(client.received()).toMatch(/^HTTP\/1\.1 401 /);
  });

  test('When a body has no end, then it is refused, little of it is read, and little memory taken', async () => {
    const before = memoryOf(service, 'VmRSS');
    const rows = [
      [head, 413],
      [`${head}Authorization: Basic x\r\n`, 401],
      ['GET /healthz HTTP/1.1\r\nHost: x\r\n', 200],
      ['POST /nowhere HTTP/1.1\r\nHost: x\r\n', 404],
    ] as const;
    for (const [start, status] of rows) {
      const client = open(service);
      sendWithoutEnd(client, start);
      await waitFor(() => client.socket.closed, waitMs);
      expect(client.received()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(client.socket.bytesWritten, start).toBeLessThan(maxBytesAccepted);
      await expectHonestCallWorks(service, `After an endless body, ${status}`);
    }
    expect(memoryOf(service, 'VmHWM') - before).toBeLessThan(maxGrowthOfEndlessBodies);
  });

  test('When 10,000 connections are open, then those beyond are closed at once, and it serves the ones it has', async () => {
    requireOpenFiles(maxConnections + 1000);
    const before = memoryOf(crowded, 'VmRSS');
    const kept = await openMany(maxConnections, isHealthy, healthCheck);
    const beyond = await openMany(20, ({ socket }) => socket.closed);
    expect(beyond.map(({ received }) => received()).join('')).toBe('');
    expect(kept.filter(isOpen)).toHaveLength(maxConnections);
    const document = encodeCall('createCustomer', [{ ...mandatory, name: 'In the crowd', i_wholesaler: 1 }]);
    const [one] = kept;
    one?.socket.write(`${head}Content-Length: ${Buffer.byteLength(document)}\r\n\r\n${document}`);
    await waitFor(() => one?.received().includes('<string>OK</string>') === true, waitMs);
    await hangUp(kept);
    await expectHonestCallWorks(crowded, 'After the crowd');

    const silent = await openMany(maxConnections - 100, isOpen);
    await expectHonestCallWorks(crowded, 'Beside the silent');
    await waitFor(() => silent.every(({ socket }) => socket.closed), waitMs);
    expect(silent.filter(({ received }) => received().startsWith('HTTP/1.1 408 '))).toHaveLength(silent.length);
    await expectHonestCallWorks(crowded, 'After the silent');
    expect(memoryOf(crowded, 'VmHWM') - before).toBeLessThan(maxGrowthOfConnections);
  });
});
