import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verify } from '@node-rs/argon2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Encodable } from '../../api/encode.ts';
import { createSealer } from '../../runtime/seal.ts';
import { ha1 } from '../../schemas/digest.ts';
import { allMembers } from '../services/all-members.ts';
import { createCustomer, createdId } from '../services/calls.ts';
import { rootPassword, secretKeys } from '../services/constants.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import {
  buildClients,
  type ExampleClient,
  findInstalledClients,
  runClient,
  writeMembers,
} from '../services/example-clients.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';

const clients = findInstalledClients();
const folder = mkdtempSync(join(tmpdir(), 'createcustomer-clients-'));
const root = { user: 'root', password: rootPassword };
const mandatory = { web_password: 'correct7horse', i_tariff: 1 };
const numericColumns = ['balance', 'credit_limit', 'min_payment_amount'];

beforeAll(() => buildClients(clients, folder));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Mode {
  readonly mode: string;
  readonly login: typeof root | 'none';
  /** What every call of this mode needs. */
  readonly parent: Readonly<Record<string, number>>;
}

const modes: readonly Mode[] = [
  { mode: 'with Digest', login: root, parent: {} },
  { mode: 'from a trusted host', login: 'none', parent: { i_wholesaler: 1 } },
];

describe.each(modes)('An example that calls $mode', ({ login, parent }) => {
  let database: TestDatabase;
  let service: Service;
  let agent: number;

  beforeAll(async () => {
    database = await createTestDatabase();
    service = await startService(serviceSettings(database.url));
    agent = createdId(await createCustomer(service.url, { ...mandatory, name: 'Agent' }));
    if (login === 'none') await database.db('trusted_hosts').insert({ ip: '127.0.0.1' });
  });

  afterAll(async () => {
    expect(await service.stop()).toBe(0);
    await database.drop();
  });

  function call(client: ExampleClient, members: Record<string, Encodable>, as: Mode['login'] = login) {
    const path = join(folder, `members-of-${client.name}`);
    writeMembers(path, client, { ...members, ...parent });
    return runClient(client, { folder, url: service.url, login: as, path });
  }

  async function rowOf({ code, output }: Awaited<ReturnType<typeof call>>): Promise<Record<string, unknown>> {
    expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/^OK \d+\n$/) });
    const i_customer = Number(output.slice('OK '.length));
    const found = await database.db('customers').where({ i_customer }).first();
    for (const column of numericColumns) found[column] = found[column] === null ? null : Number(found[column]);
    return found;
  }

  test.each(clients)('When $name sends all members, with nil, then exactly these are stored', async (client) => {
    const sent = { ...allMembers(client.name, agent), i_tariff: null, max_sessions: null };
    const found = await rowOf(await call(client, sent));
    const { web_password, api_password, ...stored } = sent as Record<string, Encodable>;
    expect(found).toMatchObject({ ...stored, i_wholesaler: 1 });
    const empty = Object.keys(found).filter((column) => found[column] === null);
    expect(empty.sort()).toEqual(['i_tariff', 'max_sessions']);
    expect(await verify(`${found.web_password_hash}`, `${web_password}`)).toBe(true);
    const user = `${stored.web_login}`;
    const sealer = createSealer([Buffer.from(secretKeys, 'base64')]);
    const credentials = { user, realm: 'xmlapi', password: `${api_password}` };
    expect(JSON.parse(sealer.open(`${found.api_ha1}`, `api_ha1:${user}`)).MD5).toBe(ha1('MD5', credentials));
  });

  test.each(clients)('When the call of $name is wrong, then it prints every problem and fails', async (client) => {
    const { code, output } = await call(client, { ...mandatory, name: 'Agent', i_tariff: 99 });
    const problems = 'Wrong i_tariff\nname is already in use\nweb_login is already in use';
    expect({ code, output }).toEqual({ code: 1, output: `fault 401: ${client.faultPrefix ?? ''}${problems}\n` });
  });

  if (login === 'none') return;

  test.each(clients)('When $name is given no members, then it creates its sample', async (client) => {
    const found = await rowOf(await runClient(client, { folder, url: service.url, login }));
    expect(found).toMatchObject({ name: expect.stringMatching(/^Example of /), i_tariff: 1, i_wholesaler: 1 });
  });

  const beyondAscii = clients.filter((client) => client.asciiPassword === undefined);

  test.each(beyondAscii)('When the password of $name is not ASCII, then it logs in', async (client) => {
    const user = `beyond-${client.name}`;
    const password = 'Пароль-43-ö€';
    const grants = { api_access: 1, api_password: password, customers_mgmt: 1, max_depth: 1, use_own_tariff: 1 };
    const i_wholesaler = createdId(
      await createCustomer(service.url, { ...mandatory, name: user, web_login: user, ...grants }),
    );
    const found = await rowOf(
      await call(client, { ...mandatory, name: `Child of ${user}`, i_tariff: null }, { user, password }),
    );
    expect(found).toMatchObject({ i_wholesaler });
  });
});
