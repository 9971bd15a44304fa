import { hash } from '@node-rs/argon2';
import type { PasswordPolicy } from '../db/password-policies.ts';
import type { CreateCustomerParams } from '../schemas/create-customer.ts';
import { faults, type Problem } from '../schemas/faults.ts';

/** One lane: the threads of the machine serve other hashes meanwhile (OWASP's parameters have p = 1). */
const parallelism = 1;

/** Hashes passwords with Argon2id; the result is a PHC string with its own salt and parameters. */
export function createPasswordHasher(cost: {
  readonly memoryKib: number;
  readonly timeCost: number;
}): (password: string) => Promise<string> {
  return (password) => hash(password, { memoryCost: cost.memoryKib, timeCost: cost.timeCost, parallelism });
}

function containsAny(password: string, texts: readonly (string | undefined)[]): boolean {
  const lower = password.toLowerCase();
  return texts.some((text) => text !== undefined && lower.includes(text.toLowerCase()));
}

function brokenRules(policy: PasswordPolicy, password: string, params: CreateCustomerParams): readonly string[] {
  const rules: readonly (readonly [broken: boolean, says: string])[] = [
    [[...password].length < policy.min_length, `must have ${policy.min_length} or more characters`],
    [policy.needs_letter && !/\p{L}/u.test(password), 'must contain a letter'],
    [policy.needs_digit && !/\p{Nd}/u.test(password), 'must contain a digit'],
    [
      policy.forbids_name_and_login && containsAny(password, [params.name, params.web_login]),
      'must not contain the name or the login',
    ],
  ];
  return rules.filter(([broken]) => broken).map(([, says]) => says);
}

/** The parameters that may be stored and logged as they are; the parent stands beside them. */
export function withoutPasswords(params: CreateCustomerParams) {
  const { web_password: _, api_password: __, i_wholesaler: ___, ...others } = params;
  return others;
}

/** What the policy of the new customer finds wrong with its passwords: one problem for each rule and password. */
export function passwordProblems(policy: PasswordPolicy, params: CreateCustomerParams): readonly Problem[] {
  return (['web_password', 'api_password'] as const).flatMap((member) => {
    const password = params[member];
    return password === undefined
      ? []
      : brokenRules(policy, password, params).map((rule) => faults.wrongValue(member, rule));
  });
}
