import { violation } from './violations.ts';

/** By SQLSTATE and constraint: a sentence that says what the operator can do. */
const byConstraint: Readonly<Record<string, string>> = {
  '23505 tariffs_i_customer_name_key': 'This owner has a tariff of that name already: choose another name.',
  '23505 routing_groups_i_customer_name_key':
    'This owner has a routing group of that name already: choose another name.',
  '23505 password_policies_name_key': 'There is a password policy of that name already: choose another name.',
  '23505 trusted_hosts_pkey': 'This address or range is trusted already.',
  '23503 tariffs_currency_fkey': 'There is no such currency: give an ISO 4217 code in capital letters, such as USD.',
  '23503 tariffs_i_customer_fkey': 'The owner was removed meanwhile: choose another.',
  '23503 routing_groups_i_customer_fkey': 'The owner was removed meanwhile: choose another.',
  '23503 customers_i_tariff_fkey': 'A customer uses this tariff by now, so it stays.',
  '23503 customers_i_routing_group_fkey': 'A customer uses this routing group by now, so it stays.',
  '23503 customers_i_password_policy_fkey': 'A customer uses this password policy by now, so it stays.',
  '23514 password_policies_min_length_check': 'The shortest password must have 1 to 128 characters.',
  '23514 customers_api_needs_credentials': 'API access needs a login and an API password.',
};

/** By SQLSTATE alone, or its class: what no constraint names. */
const byState: readonly (readonly [state: RegExp, sentence: string])[] = [
  [/^23505$/, 'Something like it exists already: choose another name.'],
  [/^23503$/, 'It refers to something that does not exist, or something refers to it.'],
  [/^23514$/, 'A value is out of its range.'],
  [/^(22001|22003)$/, 'A value is longer or larger than the database can hold.'],
  [/^42501$/, 'The database user may not do this: give it the right, or use the owner of the tables in DATABASE_URL.'],
  [/^25006$/, 'The database is read-only: let DATABASE_URL name the primary server.'],
  [/^55P03$/, 'Another program holds the rows that this needs: try again in a moment.'],
  [/^57014$/, 'The database took too long and gave up: try again when it has less to do, or ask for less.'],
  [/^53100$/, 'The disk of the database is full: make room there.'],
];

const byKind: Readonly<Record<string, string>> = {
  unreachable: 'PostgreSQL does not answer: start it, or correct DATABASE_URL.',
  transient: 'The database was interrupted: look whether this was done, and try again.',
};

/**
 * What an error of the database means to the operator of an administrative command: one sentence that says what to do, or
 * undefined for an error that is a fault of ours. Texts and details of the driver stay behind, for they hold SQL and
 * personal data.
 */
export function administrationProblem(error: unknown): string | undefined {
  const { code, constraint } = (error ?? {}) as { readonly code?: unknown; readonly constraint?: unknown };
  const state = String(code ?? '');
  const named = byConstraint[`${state} ${constraint}`] ?? byState.find(([states]) => states.test(state))?.[1];
  return named ?? byKind[violation(error).kind];
}
