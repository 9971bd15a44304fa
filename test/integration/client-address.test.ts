import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { decodeResponse } from '../../api/decode.ts';
import { encodeCall } from '../../api/encode.ts';
import { createdId, post } from '../services/calls.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';
import { waitFor } from '../services/wait-for.ts';

const mandatory = { web_password: 'correct7horse', i_tariff: 1, i_wholesaler: 1 };
let database: TestDatabase;
let count = 0;

/** Whether this machine has the IPv6 loopback address; not every container does. */
function hasIpv6(): boolean {
  const addresses = Object.values(networkInterfaces()).flat();
  if (addresses.some((address) => address?.address === '::1')) return true;
  if (process.env.CI) throw new Error('There is no ::1 here: in CI nothing may be skipped');
  console.warn('\n*** SKIPPED: every test over IPv6. This machine has no address ::1. ***\n');
  return false;
}

/** Calls without a login, from an address of this machine. Returns as whose the call was taken, or 401. */
async function addressSeen(url: string, from: string, forwarded: readonly string[] = []): Promise<string | number> {
  count += 1;
  const headers = forwarded.flatMap((value) => [
    '--header',
    value === '' ? 'X-Forwarded-For;' : `X-Forwarded-For: ${value}`,
  ]);
  const document = encodeCall('createCustomer', [{ ...mandatory, name: `Customer ${count}` }]);
  const args = ['--interface', from, ...headers];
  const { status, body } = await post(url, document, { login: 'none', args });
  if (status !== 200) return status;
  const i_customer = createdId(decodeResponse(body));
  const audit = await database.db('audit_log').where({ i_customer }).first('mode', 'address');
  expect(audit.mode).toBe('trusted');
  return audit.address;
}

/** Waits until a call is taken as expected: the service remembers for a moment what it read. */
async function expectSoonSeen(expected: string | number, url: string, from: string): Promise<void> {
  await waitFor(async () => (await addressSeen(url, from)) === expected);
}

/** From now on, this row alone is trusted. */
async function trustOnly(ip: string): Promise<void> {
  await database.db('trusted_hosts').delete();
  await database.db('trusted_hosts').insert({ ip });
}

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

describe('without TRUSTED_PROXIES', () => {
  let service: Service;

  beforeAll(async () => {
    service = await startService(serviceSettings(database.url));
  });

  afterAll(async () => {
    expect(await service.stop()).toBe(0);
  });

  const rows: readonly (readonly [listed: string, from: string, seen: string | number])[] = [
    ['127.0.0.2', '127.0.0.2', '127.0.0.2'],
    ['127.0.0.2', '127.0.0.3', 401],
    ['127.8.0.0/13', '127.15.255.1', '127.15.255.1'],
    ['127.8.0.0/13', '127.16.0.1', 401],
    ['::ffff:127.0.0.2', '127.0.0.2', '127.0.0.2'],
    ['::ffff:127.8.0.0/109', '127.9.0.1', '127.9.0.1'],
    ['::ffff:127.8.0.0/109', '127.7.0.1', 401],
    ['::1', '127.0.0.1', 401],
  ];
  test.each(rows)('When %s is listed and %s calls, then the call is taken as from %s', async (listed, from, seen) => {
    await trustOnly(listed);
    expect(await addressSeen(service.url, from)).toBe(seen);
  });

  test('When X-Forwarded-For names a listed address, then it does not count', async () => {
    await trustOnly('10.1.2.3');
    expect(await addressSeen(service.url, '127.0.0.1', ['10.1.2.3'])).toBe(401);
    await trustOnly('127.0.0.1');
    await expectSoonSeen('127.0.0.1', service.url, '127.0.0.1');
    expect(await addressSeen(service.url, '127.0.0.1', ['203.0.113.9'])).toBe('127.0.0.1');
  });
});

describe('behind TRUSTED_PROXIES', () => {
  let service: Service;

  beforeAll(async () => {
    const settings = { ...serviceSettings(database.url), TRUSTED_PROXIES: '127.0.0.1, 127.8.0.0/16' };
    service = await startService(settings);
  });

  afterAll(async () => {
    expect(await service.stop()).toBe(0);
  });

  beforeEach(() => trustOnly('10.1.2.3'));

  const listed = '10.1.2.3';
  const rows: readonly (readonly [from: string, forwarded: readonly string[], seen: string | number])[] = [
    ['127.0.0.1', [listed], listed],
    ['127.8.4.4', [listed], listed],
    ['127.0.0.2', [listed], 401],
    ['127.9.0.1', [listed], 401],
    ['127.0.0.1', [`203.0.113.9, ${listed}`], listed],
    ['127.0.0.1', [`${listed}, 203.0.113.9`], 401],
    ['127.0.0.1', [`${listed}, 127.8.0.1`], listed],
    ['127.0.0.1', [listed, '127.8.0.1'], listed],
    ['127.0.0.1', [listed, '203.0.113.9'], 401],
    ['127.0.0.1', [`${listed}:54321`], listed],
    ['127.0.0.1', [`::ffff:${listed}`], listed],
    ['127.0.0.1', [`${listed},`], listed],
    ['127.0.0.1', [`${listed}, unknown`], 401],
    ['127.0.0.1', [''], 401],
    ['127.0.0.1', [], 401],
  ];
  test.each(rows)('When %s forwards a call for %j, then it is taken as from %s', async (from, forwarded, seen) => {
    expect(await addressSeen(service.url, from, forwarded)).toBe(seen);
  });

  test('When the proxy itself is listed, then only its own calls are trusted', async () => {
    await trustOnly('127.0.0.1');
    await expectSoonSeen('127.0.0.1', service.url, '127.0.0.1');
    expect(await addressSeen(service.url, '127.0.0.1', ['203.0.113.9'])).toBe(401);
    expect(await addressSeen(service.url, '127.0.0.1', ['not an address'])).toBe(401);
    expect(await addressSeen(service.url, '127.0.0.1')).toBe('127.0.0.1');
  });
});

describe.runIf(hasIpv6())('over IPv6', () => {
  async function startOn(host: string): Promise<Service> {
    const service = await startService({ ...serviceSettings(database.url), HOST: host });
    onTestFinished(async () => expect(await service.stop()).toBe(0));
    return service;
  }

  test('When the service listens on ::1, then IPv6 rows count, alone and as ranges', async () => {
    const service = await startOn('::1');
    for (const [row, seen] of [
      ['::1', '::1'],
      ['::2', 401],
      ['::/64', '::1'],
      ['127.0.0.1', 401],
    ] as const) {
      await trustOnly(row);
      await expectSoonSeen(seen, service.url, '::1');
    }
  });

  test('When the service listens on both, then an IPv4 client is known by its IPv4 address', async () => {
    const service = await startOn('::');
    await trustOnly('127.0.0.1');
    expect(await addressSeen(service.url.replace('[::]', '127.0.0.1'), '127.0.0.1')).toBe('127.0.0.1');
    expect(await addressSeen(service.url.replace('[::]', '[::1]'), '::1')).toBe(401);
  });
});
