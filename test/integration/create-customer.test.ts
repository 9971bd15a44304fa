import { verify } from '@node-rs/argon2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSealer } from '../../runtime/seal.ts';
import { allMembers } from '../services/all-members.ts';
import { createCustomer, createdId, faultOf, type Manner } from '../services/calls.ts';
import { secretKeys } from '../services/constants.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { queueKinds, queueSettings } from '../services/queues.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';

const numericColumns = ['balance', 'credit_limit', 'min_payment_amount'];
const mandatory = { web_password: 'correct7horse', i_tariff: 1 };

describe.each(queueKinds)('createCustomer over curl, with the queue in %s', (kind) => {
  let database: TestDatabase;
  let service: Service;

  beforeAll(async () => {
    database = await createTestDatabase();
    service = await startService({ ...serviceSettings(database.url), ...queueSettings(kind) });
  });

  afterAll(async () => {
    expect(await service.stop()).toBe(0);
    await database.drop();
  });

  async function row(i_customer: number): Promise<Record<string, unknown>> {
    const found = await database.db('customers').where({ i_customer }).first();
    for (const column of numericColumns) found[column] = found[column] === null ? null : Number(found[column]);
    return found;
  }

  async function trust(address: string, run: () => Promise<void>): Promise<void> {
    await database.db('trusted_hosts').insert({ ip: address });
    await run().finally(() => database.db('trusted_hosts').delete());
  }

  async function expectAllStored(unique: string, manner: Manner, more: Record<string, number>): Promise<void> {
    const agent = createdId(await createCustomer(service.url, { ...mandatory, name: `Agent of ${unique}` }));
    const sent = allMembers(unique, agent);
    const i_customer = createdId(await createCustomer(service.url, { ...sent, ...more }, manner));
    const { web_password, api_password, ...stored } = sent;
    const found = await row(i_customer);
    expect(found).toMatchObject({ ...stored, i_customer, i_wholesaler: 1 });
    expect(Object.keys(found).filter((column) => found[column] === null)).toEqual([]);
    expect(await verify(`${found.web_password_hash}`, `${web_password}`)).toBe(true);
    const sealer = createSealer([Buffer.from(secretKeys, 'base64')]);
    const ha1 = JSON.parse(sealer.open(`${found.api_ha1}`, `api_ha1:${sent.web_login}`));
    expect(ha1).toEqual({
      MD5: expect.stringMatching(/^[0-9a-f]{32}$/),
      'SHA-256': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const audit = await database.db('audit_log').where({ i_customer }).first('params');
    expect(Object.keys(audit.params).filter((name) => /password|ha1/.test(name))).toEqual(['i_password_policy']);
    const login = { user: `${sent.web_login}`, password: `${api_password}` };
    const child = await createCustomer(
      service.url,
      { ...mandatory, name: `Child of ${unique}`, i_tariff: null },
      { login },
    );
    expect(await row(createdId(child))).toMatchObject({
      i_wholesaler: i_customer,
      i_tariff: null,
      payment_currency: 'EUR',
    });
  }

  async function expectDefaultsStored(name: string, manner: Manner, more: Record<string, number>): Promise<void> {
    const i_customer = createdId(await createCustomer(service.url, { ...mandatory, name, ...more }, manner));
    const given = { i_customer, i_wholesaler: 1, name, i_tariff: 1, web_login: name, payment_currency: 'USD' };
    const filled = { balance: 0, credit_limit: 0, i_time_zone: 370, i_lang: 'en', i_export_type: 1, start_page: 1 };
    const found = await row(i_customer);
    expect(found).toMatchObject({ ...given, ...filled, i_password_policy: 1, api_access: 0, callshop_enabled: false });
    const none = ['i_routing_group', 'email', 'css', 'max_sessions', 'max_calls_per_second', 'api_ha1', 'dns_alias'];
    for (const column of none) expect(found[column], column).toBeNull();
  }

  test('When all 62 members are sent with Digest, then exactly these are stored', async () => {
    await expectAllStored('digest', {}, {});
  });

  test('When all 62 members are sent from a trusted address, then exactly these are stored', async () => {
    await trust('127.0.0.1', () => expectAllStored('trusted', { login: 'none' }, { i_wholesaler: 1 }));
  });

  test('When only the three mandatory members are sent with Digest, then the defaults are stored', async () => {
    await expectDefaultsStored('Mandatory alone', {}, {});
  });

  test('When only the mandatory members are sent from a trusted range, then the defaults are stored', async () => {
    await trust('127.0.0.0/8', () => expectDefaultsStored('Trusted alone', { login: 'none' }, { i_wholesaler: 1 }));
  });

  test('When a balance is given, then there is one opening entry and one audit row without secrets', async () => {
    const args = ['--header', 'X-Request-Id: audit-1'];
    const call = { ...mandatory, name: 'With balance', balance: 12.34 };
    const i_customer = createdId(await createCustomer(service.url, call, { args }));
    const entries = await database.db('balance_entries').where({ i_customer });
    expect(entries).toMatchObject([{ amount: '12.34', kind: 'opening' }]);
    const [audit, ...others] = await database.db('audit_log').where({ i_customer });
    expect(others).toEqual([]);
    expect(audit).toMatchObject({ mode: 'customer', i_caller: 1, address: '127.0.0.1', request_id: 'audit-1' });
    expect(audit.params).toMatchObject({ name: 'With balance', balance: 12.34 });
    expect(Object.keys(audit.params).filter((name) => /password|ha1|hash/.test(name))).toEqual(['i_password_policy']);
  });

  test('When the balance is 0, then there is no opening entry', async () => {
    const i_customer = createdId(await createCustomer(service.url, { ...mandatory, name: 'Without balance' }));
    expect(await database.db('balance_entries').where({ i_customer })).toEqual([]);
  });

  test('When a key is used again with the same parameters, then the first customer is the answer', async () => {
    const args = ['--header', 'Idempotency-Key: key-1'];
    const call = { ...mandatory, name: 'Once' };
    const first = createdId(await createCustomer(service.url, call, { args }));
    const second = await createCustomer(service.url, call, { args });
    expect(createdId(second)).toBe(first);
    expect(second.headers).toMatch(/idempotency-replayed: true/i);
    const other = await createCustomer(service.url, { ...call, balance: 1 }, { args });
    expect(faultOf(other)).toMatchObject({
      code: 409,
      text: expect.stringMatching(/^idempotency_key is already in use/),
    });
  });

  test('When a call has ten different mistakes, then one fault names all ten, the gravest first', async () => {
    const wrong = { balance: 'much', accounts_mgmt: 8, email: 'nobody', payment_currency: 'usd', i_lang: 'English' };
    const more = { max_sessions: -2, dns_alias: '-x', commission_size: 101, web_pasword: 'correct7horse', name: ' x' };
    const { code, text } = faultOf(await createCustomer(service.url, { ...wrong, ...more, i_tariff: 1 }));
    const lines = text.split('\n');
    expect({ code, first: lines[0] }).toEqual({ code: 410, first: 'Parameter web_password is required' });
    const named = lines.slice(1).map((line) => /^(?:Wrong value of|Unknown parameter) (\w+):/.exec(line)?.[1]);
    expect(named.sort()).toEqual(Object.keys({ ...wrong, ...more }).sort());
  });

  test('When a dry run is asked for, then everything is checked and nothing is kept', async () => {
    const before = await database.db('customers').count();
    const url = `${service.url}?dry_run=1`;
    const good = await createCustomer(url, { ...mandatory, name: 'Rehearsed' });
    expect(good).toMatchObject({ value: { kind: 'struct' } });
    expect('value' in good && good.value.kind === 'struct' && [...good.value.members.keys()]).toEqual([
      'result',
      'dry_run',
    ]);
    const bad = await createCustomer(url, { ...mandatory, name: 'Mandatory alone', i_tariff: 99 });
    expect(faultOf(bad)).toEqual({
      code: 401,
      text: 'Wrong i_tariff\nname is already in use\nweb_login is already in use',
    });
    expect(await database.db('customers').count()).toEqual(before);
  });
});
