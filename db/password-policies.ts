import type { Database } from './connect.ts';

/** What a password must have. Policies are rows, not code. */
export interface PasswordPolicy {
  readonly min_length: number;
  readonly needs_letter: boolean;
  readonly needs_digit: boolean;
  readonly forbids_name_and_login: boolean;
}

/** A changed policy is seen after this time at the latest. */
const cacheMs = 5000;

/** Reads password policies, and keeps each for a few seconds, so that a call costs no round trip for it. */
export function createPasswordPolicies(db: Database) {
  const cache = new Map<number, { readonly policy: PasswordPolicy | undefined; readonly until: number }>();

  /** The policy, or undefined when there is none of this id. */
  return async function findPolicy(id: number): Promise<PasswordPolicy | undefined> {
    const cached = cache.get(id);
    if (cached && cached.until > Date.now()) return cached.policy;
    const policy: PasswordPolicy | undefined = await db('password_policies').where({ i_password_policy: id }).first();
    if (policy) cache.set(id, { policy, until: Date.now() + cacheMs });
    return policy;
  };
}
