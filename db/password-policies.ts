import { LRUCache } from 'lru-cache';
import type { PasswordPolicy } from '../schemas/password-policy.ts';
import type { Database } from './connect.ts';

/** A changed policy is seen after this time at the latest. */
const rememberedMs = 5000;
const maxRemembered = 1000;

/** Reads password policies, and remembers each for a few seconds, so that a call costs no round trip for it. */
export function createPasswordPolicies(db: Database): (id: number) => Promise<PasswordPolicy | undefined> {
  const policies = new LRUCache<number, PasswordPolicy>({
    max: maxRemembered,
    ttl: rememberedMs,
    fetchMethod: (id) => db('password_policies').where({ i_password_policy: id }).first(),
  });

  /** The policy, or undefined when there is none of this id. */
  return (id) => policies.fetch(id);
}
