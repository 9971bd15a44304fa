import type { CreateCustomerParams } from './create-customer.ts';
import { faults, type Problem } from './faults.ts';

/** What a password must have and must not have. Policies are rows of the database, not code. */
export interface PasswordPolicy {
  readonly min_length: number;
  readonly needs_letter: boolean;
  readonly needs_digit: boolean;
  readonly needs_lower: boolean;
  readonly needs_upper: boolean;
  readonly needs_special: boolean;
  readonly forbids_name_and_login: boolean;
  /** Texts that no password may contain, in small or capital letters. */
  readonly forbidden: readonly string[];
}

/** What a password is checked with: the members of the call that are known to be of the right form. */
type Call = Partial<Pick<CreateCustomerParams, 'name' | 'web_login' | 'web_password' | 'api_password'>>;

const passwords = ['web_password', 'api_password'] as const;

function containsAny(password: string, texts: readonly (string | undefined)[]): boolean {
  const lower = password.toLowerCase();
  return texts.some((text) => text !== undefined && lower.includes(text.toLowerCase()));
}

function brokenRules(policy: PasswordPolicy, password: string, { name, web_login }: Call): readonly string[] {
  const rules: readonly (readonly [broken: boolean, says: string])[] = [
    [[...password].length < policy.min_length, `must have ${policy.min_length} or more characters`],
    [policy.needs_letter && !/\p{L}/u.test(password), 'must contain a letter'],
    [policy.needs_digit && !/\p{Nd}/u.test(password), 'must contain a digit'],
    [policy.needs_lower && !/\p{Ll}/u.test(password), 'must contain a small letter'],
    [policy.needs_upper && !/\p{Lu}/u.test(password), 'must contain a capital letter'],
    [
      policy.needs_special && !/[^\p{L}\p{Nd}]/u.test(password),
      'must contain a character that is no letter and no digit',
    ],
    [
      policy.forbids_name_and_login && containsAny(password, [name, web_login]),
      'must not contain the name or the login',
    ],
    [containsAny(password, policy.forbidden), 'contains a word that the password policy forbids'],
  ];
  return rules.filter(([broken]) => broken).map(([, says]) => says);
}

/** What the policy of the new customer finds wrong with its passwords: one problem for each rule and password. */
export function passwordProblems(policy: PasswordPolicy, call: Call): readonly Problem[] {
  return passwords.flatMap((member) => {
    const password = call[member];
    if (password === undefined) return [];
    return brokenRules(policy, password, call).map((rule) => faults.wrongValue(member, rule));
  });
}
