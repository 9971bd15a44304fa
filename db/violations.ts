import { faults, type Problem } from '../schemas/faults.ts';

/** What an error of the database means for the call that met it. */
export type Violation =
  /** The call is wrong; the client is told. */
  | { readonly kind: 'problem'; readonly problem: Problem }
  /** The statement never ran: the database cannot be reached or takes no one in. */
  | { readonly kind: 'unreachable' }
  /** It may work the next time: a deadlock, a lost connection, a time limit. */
  | { readonly kind: 'transient' }
  | { readonly kind: 'unforeseen' };

const uniqueMembers: Readonly<Record<string, string>> = {
  customers_name_key: 'name',
  customers_web_login_key: 'web_login',
  customers_dns_alias_key: 'dns_alias',
};

const referenceMembers: Readonly<Record<string, string>> = {
  customers_i_tariff_fkey: 'i_tariff',
  customers_i_routing_group_fkey: 'i_routing_group',
  customers_i_commission_agent_fkey: 'i_commission_agent',
  customers_i_password_policy_fkey: 'i_password_policy',
  customers_i_time_zone_fkey: 'i_time_zone',
  customers_i_lang_fkey: 'i_lang',
  customers_i_export_type_fkey: 'i_export_type',
  customers_start_page_fkey: 'start_page',
  customers_payment_currency_fkey: 'payment_currency',
  customers_i_wholesaler_fkey: 'i_wholesaler',
  audit_log_i_caller_fkey: 'caller',
};

const uniqueViolation = '23505';
const foreignKeyViolation = '23503';
const checkViolation = '23514';
const invalidRegularExpression = '2201B';
const queryCanceled = '57014';
const memberCheck = /^customers_(.+)_check$/;

/** Connection refused, no such host, and the codes with which PostgreSQL turns a new connection away. */
const unreachable = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENOENT|EHOSTUNREACH|ENETUNREACH|28...|3D000|53300|57P03)$/;

/** Serialization, deadlock, connection exceptions, a server that became read-only in a failover, lack of resources, shutdown, time limits. */
const transient = /^(40001|40P01|08...|25006|53...|57P01|57P02|57014|55P03|25P03|ECONNRESET|EPIPE|ETIMEDOUT)$/;

/** The driver gives these without a code. */
const lostConnection = /connection (terminated|ended|error)|not queryable|closed the connection/i;
const neverConnected = /timeout expired|timeout exceeded when trying to connect|acquiring a connection/i;

interface DriverError {
  readonly code?: string;
  readonly constraint?: string;
  readonly message?: string;
}

function problem(found: Problem): Violation {
  return { kind: 'problem', problem: found };
}

function callProblem({ code, constraint = '' }: DriverError): Violation | undefined {
  const unique = uniqueMembers[constraint];
  if (code === uniqueViolation && unique) return problem(faults.inUse(unique));
  const reference = referenceMembers[constraint];
  if (code === foreignKeyViolation && reference) return problem(faults.wrongReference(reference));
  if (code === invalidRegularExpression) {
    return problem(faults.wrongValue('accounts_matching_rule', 'must be a valid regular expression for PostgreSQL'));
  }
  const checked = memberCheck.exec(constraint)?.[1];
  if (code === checkViolation && checked) return problem(faults.wrongValue(checked, 'is out of range'));
  return undefined;
}

/** True when the statement met a key that another transaction had committed just before. */
export function isUniqueViolation(error: unknown): boolean {
  return (error as DriverError | undefined)?.code === uniqueViolation;
}

/** True when the statement took longer than its limit. */
export function isTimeLimit(error: unknown): boolean {
  return (error as DriverError | undefined)?.code === queryCanceled;
}

/**
 * The one place where an error of the database gets its meaning: SQLSTATE and constraint name in, kind and problem out.
 * Texts and details of the driver stay behind, for they hold SQL and personal data.
 */
export function violation(error: unknown): Violation {
  const { code = '', message = '', constraint } = (error ?? {}) as DriverError;
  const wrongCall = callProblem({ code, ...(constraint === undefined ? {} : { constraint }) });
  if (wrongCall) return wrongCall;
  if (unreachable.test(code) || (code === '' && neverConnected.test(message))) return { kind: 'unreachable' };
  if (transient.test(code) || (code === '' && lostConnection.test(message))) return { kind: 'transient' };
  return { kind: 'unforeseen' };
}
