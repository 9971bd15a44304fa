import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeResponse } from '../../api/decode.ts';
import { type Encodable, encodeCall } from '../../api/encode.ts';
import { createCustomerSchema } from '../../schemas/create-customer.ts';
import { faultTable } from '../../schemas/faults.ts';
import type { Value } from '../../schemas/value.ts';
import { faultOf, type Manner, post } from '../services/calls.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';

const valid = { web_password: 'correct7horse', i_tariff: 1 };

describe('The methods beside createCustomer', () => {
  let database: TestDatabase;
  let service: Service;

  beforeAll(async () => {
    database = await createTestDatabase();
    service = await startService(serviceSettings(database.url));
  });

  afterAll(async () => {
    expect(await service.stop()).toBe(0);
    await database.drop();
  });

  async function call(method: string, params: readonly Encodable[], manner: Manner = {}) {
    return decodeResponse((await post(service.url, encodeCall(method, params), manner)).body);
  }

  async function items(method: string, params: readonly Encodable[], manner: Manner = {}): Promise<readonly Value[]> {
    const answer = await call(method, params, manner);
    if ('fault' in answer || answer.value.kind !== 'array') throw new Error(JSON.stringify(answer));
    return answer.value.items;
  }

  async function text(method: string, ...params: readonly Encodable[]): Promise<string> {
    const answer = await call(method, params);
    if ('fault' in answer || answer.value.kind !== 'string') throw new Error(JSON.stringify(answer));
    return answer.value.text;
  }

  function create(name: string, more: Record<string, Encodable> = {}) {
    return { methodName: 'createCustomer', params: [{ ...valid, name, ...more }] };
  }

  function told(struct: Value | undefined, member: string): string {
    const value = struct?.kind === 'struct' ? struct.members.get(member) : undefined;
    return value && 'text' in value ? value.text : `no ${member}`;
  }

  /** `OK` or the code of the fault, of each answer of a batch. */
  function outcomes(answers: readonly Value[]): readonly string[] {
    return answers.map((answer) =>
      answer.kind === 'array' ? told(answer.items[0], 'result') : told(answer, 'faultCode'),
    );
  }

  async function created(name: string): Promise<number> {
    return (await database.db('customers').where({ name })).length;
  }

  const names = [
    'createCustomer',
    'system.getCapabilities',
    'system.listMethods',
    'system.methodHelp',
    'system.methodSignature',
    'system.multicall',
  ];

  test('When the methods are listed, then all of them are named, and each has a signature and a help', async () => {
    expect((await items('system.listMethods', [])).map((item) => 'text' in item && item.text)).toEqual(names);
    for (const name of names) {
      expect((await items('system.methodSignature', [name])).length, name).toBe(1);
      expect(await text('system.methodHelp', name), name).toMatch(/\.$/);
    }
    const [signature] = await items('system.methodSignature', ['createCustomer']);
    expect(signature).toMatchObject({ items: [{ text: 'struct' }, { text: 'struct' }] });
  });

  test('When help is asked for createCustomer, then every member and every fault is in it', async () => {
    const help = await text('system.methodHelp', 'createCustomer');
    const lines = help.split('\n');
    for (const [name, { description }] of Object.entries(createCustomerSchema.properties)) {
      expect(
        lines.filter((line) => line.startsWith(`  ${name} (`) && line.endsWith(`): ${description}.`)),
      ).toHaveLength(1);
    }
    for (const { code } of faultTable) expect(help).toContain(`  ${code}  `);
    expect(help).toContain('  accounts_mgmt (int; from 0 to 7; default 0): ');
    expect(help).toContain('  name (string; 1 to 128 characters; mandatory): ');
    expect(help).toContain('  max_sessions (int or nil; from 0 to 2147483647; default nil): ');
  });

  test('When capabilities are asked for, then each is named', async () => {
    const answer = await call('system.getCapabilities', []);
    if ('fault' in answer || answer.value.kind !== 'struct') throw new Error(JSON.stringify(answer));
    const capabilities = ['xmlrpc', 'introspection', 'system.multicall', 'faults_interop', 'nil'];
    expect([...answer.value.members.keys()]).toEqual(capabilities);
  });

  test('When a method is unknown, or its name is no string, then the fault says so', async () => {
    const unknown = faultOf(await call('system.methodHelp', ['no\nsuch']));
    expect(unknown).toEqual({ code: 404, text: 'No such method: no?such' });
    expect(faultOf(await call('system.methodHelp', []))).toMatchObject({ code: 400 });
    expect(faultOf(await call('system.methodSignature', [1]))).toMatchObject({ code: 400 });
  });

  test('When a batch has good and bad calls, then each is answered in its place, and a bad one harms only itself', async () => {
    const batch = [
      create('Batch 1'),
      create('Batch 2', { i_tariff: 99 }),
      { methodName: 'createCustomer', params: [] },
      { methodName: 'nobody.knows', params: [] },
      'no struct',
      { methodName: 'system.multicall', params: [[]] },
      { methodName: 'createCustomer' },
      create('Batch 3'),
    ];
    const answers = outcomes(await items('system.multicall', [batch]));
    expect(answers).toEqual(['OK', '401', '400', '404', '400', '400', '400', 'OK']);
    expect([await created('Batch 1'), await created('Batch 2'), await created('Batch 3')]).toEqual([1, 0, 1]);
  });

  test('When a batch of 1000 calls is repeated with its key, then it creates 1000 customers, once', async () => {
    const batch = Array.from({ length: 1000 }, (_, index) => create(`Thousand ${index}`));
    const manner = { args: ['--header', 'Idempotency-Key: thousand'] };
    const first = await items('system.multicall', [batch], manner);
    expect(new Set(outcomes(first))).toEqual(new Set(['OK']));
    expect(await items('system.multicall', [batch], manner)).toEqual(first);
    expect((await database.db('customers').whereLike('name', 'Thousand %')).length).toBe(1000);
  });

  test('When a batch is too long, or no array, then it is refused as a whole', async () => {
    const batch = Array.from({ length: 1001 }, () => ({ methodName: 'system.listMethods', params: [] }));
    const tooLong = faultOf(await call('system.multicall', [batch]));
    expect(tooLong).toEqual({ code: 400, text: 'Wrong value of calls: must be at most 1000' });
    expect(faultOf(await call('system.multicall', []))).toMatchObject({ code: 400 });
    expect(faultOf(await call('system.multicall', [[], []]))).toMatchObject({ code: 400 });
    expect(await items('system.multicall', [[]])).toEqual([]);
  });

  test('When a key leaves no room for the place of a call, then the batch is refused', async () => {
    const manner = { args: ['--header', `Idempotency-Key: ${'k'.repeat(252)}`] };
    expect(faultOf(await call('system.multicall', [[create('Long key')]], manner))).toMatchObject({ code: 400 });
    expect(await created('Long key')).toBe(0);
  });
});
