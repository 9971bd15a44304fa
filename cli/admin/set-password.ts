import { existsSync, rmSync } from 'node:fs';
import { readApiPolicy, setApiAccess } from '../../db/api-access.ts';
import { sealApiPassword } from '../../db/credentials.ts';
import type { CustomerHead } from '../../db/customer-rows.ts';
import { createSealer } from '../../runtime/seal.ts';
import { createCustomerSchema } from '../../schemas/create-customer.ts';
import { faults } from '../../schemas/faults.ts';
import { passwordProblems } from '../../schemas/password-policy.ts';
import { OperatorError } from '../operator-error.ts';
import { rootPasswordFile } from '../prepare-database.ts';
import { described } from './choose-customer.ts';
import { makePassword } from './make-password.ts';
import type { AdminGround } from './on-database.ts';

const { pattern, 'x-says': patternSays } = createCustomerSchema.then.properties.web_login;
const usableLogin = new RegExp(pattern, 'u');
const rootCustomer = 1;

function requireLogin(customer: CustomerHead): string {
  const { web_login } = customer;
  const who = `The ${described(customer)}`;
  if (web_login === null) throw new OperatorError(`${who} has no login, without which nobody can call the API.`);
  if (usableLogin.test(web_login)) return web_login;
  throw new OperatorError(`${who} has a login that HTTP Digest cannot carry: it ${patternSays}.`);
}

/** The policy of the customer as a check: what it has against a password, one clause for each rule. */
async function openPolicy({ db }: AdminGround, { i_customer, name, web_login }: CustomerHead) {
  const policy = await readApiPolicy(db, i_customer);
  if (!policy) throw new OperatorError(`Customer ${i_customer} was removed meanwhile.`);
  const call = { name, ...(web_login === null ? {} : { web_login }) };
  const intro = faults.wrongValue('api_password', '').text.length;
  return {
    name: policy.name,
    minLength: policy.min_length,
    against: (api_password: string) =>
      passwordProblems(policy, { ...call, api_password }).map((problem) => problem.text.slice(intro)),
  };
}

type Policy = Awaited<ReturnType<typeof openPolicy>>;

function requireGood(password: string, policy: Policy): string {
  const clauses = policy.against(password);
  if (clauses.length === 0) return password;
  throw new OperatorError(`The password policy "${policy.name}" refuses the password: it ${clauses.join(' and ')}.`);
}

function make(policy: Policy): string {
  const made = makePassword(policy.minLength, (password) => policy.against(password).length === 0);
  if (made !== undefined) return made;
  throw new OperatorError(
    `The password policy "${policy.name}" refuses all that are made: give one with --password-file.`,
  );
}

/** Root's first password is kept beside the embedded database, and is good no more. */
function forgetRootPassword({ settings, embedded }: AdminGround, { i_customer }: CustomerHead): readonly string[] {
  const file = rootPasswordFile(settings);
  if (!embedded || i_customer !== rootCustomer || !existsSync(file)) return [];
  rmSync(file);
  return [`${file}, which held the old password, is removed.`];
}

/**
 * Lets a customer call the API with the given password, or with one that is made.
 * @throws OperatorError when it has no fitting login, or its password policy refuses the password
 */
export async function setPassword(
  ground: AdminGround,
  customer: CustomerHead,
  given: string | undefined,
): Promise<{ readonly web_login: string; readonly made: string | undefined; readonly notes: readonly string[] }> {
  const { db, settings } = ground;
  const web_login = requireLogin(customer);
  const policy = await openPolicy(ground, customer);
  const password = given === undefined ? make(policy) : requireGood(given, policy);
  const sealer = createSealer(await ground.fittingKeys());
  const sealed = sealApiPassword(sealer, { login: web_login, realm: settings.DIGEST_REALM, password });
  const done = await setApiAccess(db, { i_customer: customer.i_customer, web_login, sealed });
  if (!done) throw new OperatorError(`The login of ${described(customer)} has changed meanwhile: try again.`);
  const made = given === undefined ? password : undefined;
  return { web_login, made, notes: forgetRootPassword(ground, customer) };
}
