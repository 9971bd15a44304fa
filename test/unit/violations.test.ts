import { describe, expect, it } from 'vitest';
import { isUniqueViolation, violation } from '../../db/violations.ts';

/** An error as the driver gives it, full of what no client may read. */
function driverError(fields: { readonly code?: string; readonly constraint?: string; readonly message?: string }) {
  const message = fields.message ?? 'insert into "customers" ("name") values ($1) - duplicate key';
  return Object.assign(new Error(message), {
    severity: 'ERROR',
    detail: 'Key (name)=(Jane Doe) already exists.',
    table: 'customers',
    ...fields,
  });
}

function textOf(found: ReturnType<typeof violation>): string {
  return found.kind === 'problem' ? found.problem.text : found.kind;
}

describe('A violated constraint', () => {
  it.each([
    ['customers_name_key', 'name'],
    ['customers_web_login_key', 'web_login'],
    ['customers_dns_alias_key', 'dns_alias'],
  ])('%s says that %s is taken', (constraint, member) => {
    const problem = { code: 409, member, text: `${member} is already in use` };
    expect(violation(driverError({ code: '23505', constraint }))).toEqual({ kind: 'problem', problem });
  });

  it.each([
    'i_tariff',
    'i_routing_group',
    'i_commission_agent',
    'i_password_policy',
    'i_time_zone',
    'i_lang',
    'i_export_type',
    'start_page',
    'payment_currency',
    'i_wholesaler',
  ])('customers_%s_fkey says that the reference is wrong', (member) => {
    const problem = { code: 401, member, text: `Wrong ${member}` };
    const error = driverError({ code: '23503', constraint: `customers_${member}_fkey` });
    expect(violation(error)).toEqual({ kind: 'problem', problem });
  });

  it('audit_log_i_caller_fkey says that the caller is wrong', () => {
    const error = driverError({ code: '23503', constraint: 'audit_log_i_caller_fkey' });
    expect(violation(error)).toMatchObject({ kind: 'problem', problem: { code: 401, text: 'Wrong caller' } });
  });

  it.each([
    ...['name', 'web_login', 'balance', 'credit_limit', 'accounts_mgmt', 'customers_mgmt', 'system_mgmt', 'max_depth'],
    ...['accounts_matching_rule', 'payment_method', 'min_payment_amount', 'api_access', 'api_mgmt', 'commission_size'],
    ...['tariffs_mgmt', 'use_own_tariff', 'vouchers_mgmt', 'overcommit_limit', 'dns_alias', 'max_sessions'],
    'max_calls_per_second',
  ])('customers_%s_check says that the value is out of range', (member) => {
    const problem = { code: 400, member, text: `Wrong value of ${member}: is out of range` };
    const error = driverError({ code: '23514', constraint: `customers_${member}_check` });
    expect(violation(error)).toEqual({ kind: 'problem', problem });
  });

  it('that is no name but a wrong regular expression is told as such', () => {
    const problem = {
      code: 400,
      member: 'accounts_matching_rule',
      text: 'Wrong value of accounts_matching_rule: must be a valid regular expression for PostgreSQL',
    };
    expect(violation(driverError({ code: '2201B' }))).toEqual({ kind: 'problem', problem });
  });

  it.each([
    ['23505', 'customers_same_parent_key'],
    ['23505', 'idempotency_keys_pkey'],
    ['23505', 'customers_i_tariff_fkey'],
    ['23503', 'idempotency_keys_i_wholesaler_fkey'],
    ['23503', 'customers_name_key'],
    ['23514', 'customers_api_needs_credentials'],
    ['23514', 'customers_check'],
    ['23514', 'tariffs_name_check'],
    ['23502', 'customers_name_key'],
    ['23505', 'something_else'],
    ['23505', undefined],
    ['23514', undefined],
  ])('%s of %s is unforeseen, for no member is to blame', (code, constraint) => {
    const error = driverError({ code, ...(constraint === undefined ? {} : { constraint }) });
    expect(violation(error)).toEqual({ kind: 'unforeseen' });
  });

  it('gives away no word of the driver', () => {
    const errors = [
      driverError({ code: '23505', constraint: 'customers_name_key' }),
      driverError({ code: '23503', constraint: 'customers_i_tariff_fkey' }),
      driverError({ code: '23514', constraint: 'customers_balance_check' }),
      driverError({ code: '2201B' }),
    ];
    for (const error of errors) expect(textOf(violation(error))).not.toMatch(/jane|insert|key|\$1|customers_|23/i);
  });
});

describe('A database that does not serve', () => {
  it.each([
    ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT', 'EHOSTUNREACH', 'ENETUNREACH'],
    ...['28P01', '28000', '3D000', '53300', '57P03'],
  ])('is unreachable with code %s: the statement never ran', (code) => {
    expect(violation(driverError({ code }))).toEqual({ kind: 'unreachable' });
  });

  it.each([
    'timeout expired',
    'timeout exceeded when trying to connect',
    'Knex: Timeout acquiring a connection. The pool is probably full.',
  ])('is unreachable when the driver says without a code: %s', (message) => {
    expect(violation(driverError({ message }))).toEqual({ kind: 'unreachable' });
  });

  it.each([
    ...['40001', '40P01', '08000', '08003', '08006', '08P01', '53000', '53100', '53200', '53400'],
    ...['57P01', '57P02', '57014', '55P03', '25P03', '25006', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'],
  ])('may serve the next time with code %s', (code) => {
    expect(violation(driverError({ code }))).toEqual({ kind: 'transient' });
  });

  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated',
    'Connection ended unexpectedly',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
    'server closed the connection unexpectedly',
  ])('may serve the next time when the driver says without a code: %s', (message) => {
    expect(violation(driverError({ message }))).toEqual({ kind: 'transient' });
  });
});

describe('An error that nobody foresaw', () => {
  it.each(['42P01', '22P02', '23502', 'XX000', '', 'x40001', '400010'])('is one with code "%s"', (code) => {
    expect(violation(driverError({ code }))).toEqual({ kind: 'unforeseen' });
  });

  it('is one whose code says more than its message', () => {
    const error = driverError({ code: '42601', message: 'Connection terminated unexpectedly' });
    expect(violation(error)).toEqual({ kind: 'unforeseen' });
  });

  it.each([new Error('x'), new TypeError('x'), {}, 'text', undefined, null])('is %s', (error) => {
    expect(violation(error)).toEqual({ kind: 'unforeseen' });
    expect(isUniqueViolation(error)).toBe(false);
  });
});

describe('A unique violation', () => {
  it('is one, whatever the constraint', () => {
    expect(isUniqueViolation(driverError({ code: '23505', constraint: 'idempotency_keys_pkey' }))).toBe(true);
    expect(isUniqueViolation(driverError({ code: '23503', constraint: 'customers_name_key' }))).toBe(false);
  });
});
