import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAdmin, jsonLines } from '../services/admin.ts';
import { createCustomer, faultOf } from '../services/calls.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';
import { waitFor } from '../services/wait-for.ts';

let database: TestDatabase;
let service: Service;
let admin: ReturnType<typeof createAdmin>;

beforeAll(async () => {
  database = await createTestDatabase();
  service = await startService(serviceSettings(database.url));
  admin = createAdmin(database.url);
});

afterAll(async () => {
  expect(await service.stop()).toBe(0);
  await database.drop();
});

async function refusal(...args: readonly string[]): Promise<string> {
  const { code, output } = await admin(...args);
  expect(code).toBe(1);
  return output;
}

describe('Trusted hosts', () => {
  const call = () =>
    createCustomer(service.url, { name: 'x', web_password: 'x', i_tariff: 999, i_wholesaler: 1 }, { login: 'none' });

  test('When one is added and removed, then calls without a login are taken and refused', async () => {
    const added = await admin('trusted-host', 'add', '127.0.0.0/8', '--description', 'this machine');
    expect(added).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^127\.0\.0\.0\/8 is trusted within seconds/),
    });
    await waitFor(async () =>
      call()
        .then(faultOf, () => undefined)
        .then((fault) => fault !== undefined),
    );
    expect(await admin('trusted-host', 'remove', '127.0.0.0/8')).toEqual({ code: 0, output: 'Removed 127.0.0.0/8.\n' });
    await waitFor(async () =>
      call()
        .then(faultOf, () => undefined)
        .then((fault) => fault === undefined),
    );
  });

  test('When they are listed, then in every form, single addresses without a mask', async () => {
    expect(await admin('trusted-host', 'list')).toEqual({ code: 0, output: 'No host is trusted.\n' });
    const cidrs = ['192.0.2.7', '10.0.0.0/8', '2001:DB8::/32', '::ffff:198.51.100.3', '2001:db8:0:0::1/128'];
    const added = await Promise.all(cidrs.map((cidr) => admin('trusted-host', 'add', cidr)));
    expect(added.map(({ code }) => code)).toEqual(cidrs.map(() => 0));
    const shown = jsonLines(await admin('trusted-host', 'list', '--json')).map(({ ip }) => ip);
    expect(shown).toEqual(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '2001:db8::1', '::ffff:198.51.100.3']);
    expect((await admin('trusted-host', 'list')).output).toMatch(/^ip +description +created_at\n10\.0\.0\.0\/8 +- +20/);
    expect(await admin('trusted-host', 'remove', '2001:db8::1')).toEqual({
      code: 0,
      output: 'Removed 2001:db8::1, but still lies in 2001:db8::/32.\n',
    });
    const every = await admin('trusted-host', 'add', '::/0');
    expect(every.output).toContain('That is every address there is');
  });

  test.concurrent.each([
    [
      'add',
      '10.0.0.5/8',
      '10.0.0.5/8 has bits set right of its mask: the range is 10.0.0.0/8, the single address is 10.0.0.5.',
    ],
    [
      'add',
      '2001:db8::1/32',
      '2001:db8::1/32 has bits set right of its mask: the range is 2001:db8::/32, the single address is 2001:db8::1.',
    ],
    ['add', '10.0.0.0/8', 'This address or range is trusted already.'],
    [
      'add',
      '10.0.0.0/33',
      '"10.0.0.0/33" is no address and no range: give one such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32.',
    ],
    [
      'add',
      'localhost',
      '"localhost" is no address and no range: give one such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32.',
    ],
    [
      'remove',
      '10.1.1.1',
      '10.1.1.1 is not listed, but still lies in 10.0.0.0/8: see "createcustomer admin trusted-host list".',
    ],
    ['remove', '203.0.113.9', '203.0.113.9 is not listed: see "createcustomer admin trusted-host list".'],
  ])('When one would %s %s, then a sentence says what is wrong', async (verb, cidr, says) => {
    expect(await refusal('trusted-host', verb, cidr)).toBe(`${says}\n`);
  });
});
