import { afterEach, describe, expect, it, vi } from 'vitest';
import { createCustomerSchema, secretMembers } from '../../schemas/create-customer.ts';
import { createJobCheck, idempotencyKeyPattern, requestIdPattern } from '../../schemas/jobs.ts';
import { createParameterCheck } from '../../schemas/validate.ts';
import { booleans, doubles, everyMember, integers, strings } from './reference-members.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const job = {
  version: 1,
  request_id: 'r-1',
  i_wholesaler: 1,
  caller: { mode: 'customer', i_customer: 1, address: '192.0.2.1' },
  params: { name: 'Acme' },
};

describe('The schema of createCustomer', () => {
  it('has exactly the 62 members of the reference, and i_wholesaler', () => {
    const names = Object.keys(createCustomerSchema.properties);
    expect(names).toHaveLength(63);
    expect(names.toSorted()).toEqual(everyMember.toSorted());
  });

  it.each([
    ['string', strings],
    ['integer', integers],
    ['number', doubles],
    ['boolean', booleans],
  ])('gives the type %s to the members that have it in the reference', (type, names) => {
    const entries = Object.entries<{ readonly type: unknown }>(createCustomerSchema.properties);
    const ofType = entries.filter(([, schema]) => [schema.type].flat()[0] === type).map(([name]) => name);
    expect(ofType.toSorted()).toEqual(names.toSorted());
  });

  it('describes every member', () => {
    const descriptions = Object.values(createCustomerSchema.properties).map(({ description }) => description);
    expect(descriptions.filter((description) => description.length < 2)).toEqual([]);
  });

  it('knows the members that are secrets', () => {
    expect(secretMembers).toEqual(['web_password', 'api_password']);
  });

  it('is compiled, as that of jobs is, without a complaint', () => {
    const printed = (['log', 'warn', 'error'] as const).map((method) => vi.spyOn(console, method));
    createParameterCheck();
    createJobCheck();
    for (const spy of printed) expect(spy).not.toHaveBeenCalled();
  });
});

describe('The check of a job', () => {
  const isJob = createJobCheck();
  const { params: _, ...withoutParams } = job;
  const whole = {
    ...job,
    sealed: 'abc',
    idempotency_key: 'order-1',
    deadline: 1_700_000_000_000,
    dry_run: true,
    reply_to: 'replica-1',
  };

  it.each([
    ['the shortest one', job],
    ['one with everything', whole],
    ['one of a trusted host', { ...job, caller: { mode: 'trusted', address: '::1' } }],
    ['one with parameters that are wrong, which another check finds', { ...job, params: { colour: [] } }],
  ])('accepts %s', (_title, data) => {
    expect(isJob(data)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['no job at all', null],
    ['an array', [job]],
    ['no parameters', withoutParams],
    ['parameters that are no object', { ...job, params: [] }],
    ['another version', { ...job, version: 2 }],
    ['a member that nobody knows', { ...job, priority: 1 }],
    ['a request id that could break a log line', { ...job, request_id: 'r\n1' }],
    ['a parent that is no id', { ...job, i_wholesaler: 0 }],
    ['a parent beyond 32 bits', { ...job, i_wholesaler: 2 ** 31 }],
    ['a parent that is a text', { ...job, i_wholesaler: '1' }],
    ['a mode that nobody knows', { ...job, caller: { mode: 'root', address: '::1' } }],
    ['a customer who is not named', { ...job, caller: { mode: 'customer', address: '::1' } }],
    ['a caller without an address', { ...job, caller: { mode: 'trusted' } }],
    ['an address of any length', { ...job, caller: { mode: 'trusted', address: 'x'.repeat(65) } }],
    ['an empty idempotency key', { ...job, idempotency_key: '' }],
    ['a deadline before the epoch', { ...job, deadline: -1 }],
    ['a dry run that is a number', { ...job, dry_run: 1 }],
    ['a sealed text of any length', { ...job, sealed: 'x'.repeat(8193) }],
  ])('refuses %s', (_title, data) => {
    expect(isJob(data)).toBe(false);
    expect(isJob.errors).not.toEqual([]);
  });

  it('changes nothing in the job', () => {
    const data = structuredClone(whole);
    isJob(data);
    expect(data).toEqual(whole);
  });
});

describe('The form of', () => {
  const requestId = new RegExp(requestIdPattern);
  const key = new RegExp(idempotencyKeyPattern);

  it.each(['a', 'A-z_0.9', 'x'.repeat(64)])('a request id has "%s"', (id) => {
    expect(requestId.test(id)).toBe(true);
  });

  it.each(['', 'a b', 'ä', 'a\n', 'a/b', 'x'.repeat(65)])('a request id has not "%s"', (id) => {
    expect(requestId.test(id)).toBe(false);
  });

  it.each(['!', '~', '{"a":1}', 'x'.repeat(255)])('an idempotency key has "%s"', (text) => {
    expect(key.test(text)).toBe(true);
  });

  it.each(['', ' ', 'a b', 'ä', 'a\n', '\u007f', 'x'.repeat(256)])('an idempotency key has not "%s"', (text) => {
    expect(key.test(text)).toBe(false);
  });
});
