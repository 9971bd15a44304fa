import { describe, expect, it } from 'vitest';
import { administrationProblem } from '../../db/administration-problems.ts';

/** An error as the driver gives it, full of what nobody should read. */
function driverError(fields: { readonly code?: string; readonly constraint?: string; readonly message?: string }) {
  const message = fields.message ?? 'insert into "tariffs" ("name") values ($1) - duplicate key';
  return Object.assign(new Error(message), { detail: 'Key (name)=(Jane Doe) already exists.', ...fields });
}

describe('What an error of the database means to an operator', () => {
  it.each([
    ['23505', 'tariffs_i_customer_name_key', 'This owner has a tariff of that name already'],
    ['23505', 'routing_groups_i_customer_name_key', 'This owner has a routing group of that name already'],
    ['23505', 'password_policies_name_key', 'There is a password policy of that name already'],
    ['23505', 'trusted_hosts_pkey', 'This address or range is trusted already.'],
    ['23503', 'tariffs_currency_fkey', 'There is no such currency: give an ISO 4217 code'],
    ['23503', 'tariffs_i_customer_fkey', 'The owner was removed meanwhile'],
    ['23503', 'routing_groups_i_customer_fkey', 'The owner was removed meanwhile'],
    ['23503', 'customers_i_tariff_fkey', 'A customer uses this tariff by now'],
    ['23503', 'customers_i_routing_group_fkey', 'A customer uses this routing group by now'],
    ['23503', 'customers_i_password_policy_fkey', 'A customer uses this password policy by now'],
    ['23514', 'password_policies_min_length_check', 'The shortest password must have 1 to 128 characters.'],
    ['23514', 'customers_api_needs_credentials', 'API access needs a login and an API password.'],
  ])('%s of %s', (code, constraint, begins) => {
    expect(administrationProblem(driverError({ code, constraint }))).toMatch(new RegExp(`^${begins}`));
  });

  it.each([
    ['23505', 'Something like it exists already'],
    ['23503', 'It refers to something that does not exist'],
    ['23514', 'A value is out of its range.'],
    ['22001', 'A value is longer or larger than'],
    ['22003', 'A value is longer or larger than'],
    ['42501', 'The database user may not do this'],
    ['25006', 'The database is read-only'],
    ['55P03', 'Another program holds the rows'],
    ['57014', 'The database took too long'],
    ['53100', 'The disk of the database is full'],
    ['ECONNREFUSED', 'PostgreSQL does not answer'],
    ['57P01', 'The database was interrupted'],
    ['40P01', 'The database was interrupted'],
  ])('%s, whatever the constraint', (code, begins) => {
    const constraint = 'one_that_nobody_named';
    expect(administrationProblem(driverError({ code, constraint }))).toMatch(new RegExp(`^${begins}`));
  });

  it('is one sentence without a word of the driver', () => {
    const sentence = administrationProblem(driverError({ code: '23505', constraint: 'tariffs_i_customer_name_key' }));
    expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect(sentence).not.toMatch(/insert|Jane|Key|_key/);
  });

  it('is understood of a lost connection, which has no code', () => {
    const lost = driverError({ message: 'Connection terminated unexpectedly' });
    expect(administrationProblem(lost)).toMatch(/^The database was interrupted/);
  });

  it('is nothing for what is a fault of the program', () => {
    const foreign = [
      driverError({ code: '42601' }),
      driverError({ code: '23502' }),
      new TypeError('x'),
      undefined,
      null,
    ];
    expect(foreign.map(administrationProblem)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });
});
