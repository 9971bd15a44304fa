import type { Database } from './connect.ts';
import { type Removal, removeUnused } from './remove-unused.ts';

/** What an operator may set of a password policy. */
export interface PolicyField {
  readonly column: string;
  /** `words` is a list of texts. */
  readonly kind: 'name' | 'length' | 'flag' | 'words';
  readonly says: string;
}

/** Every such column, in the order in which they are shown. A new one is a line here. */
export const policyFields: readonly PolicyField[] = [
  { column: 'name', kind: 'name', says: 'name of the policy, unique' },
  { column: 'min_length', kind: 'length', says: 'fewest characters of a password, 1 to 128' },
  { column: 'needs_letter', kind: 'flag', says: 'whether it must contain a letter' },
  { column: 'needs_digit', kind: 'flag', says: 'whether it must contain a digit' },
  { column: 'needs_lower', kind: 'flag', says: 'whether it must contain a small letter' },
  { column: 'needs_upper', kind: 'flag', says: 'whether it must contain a capital letter' },
  { column: 'needs_special', kind: 'flag', says: 'whether it must contain what is no letter and no digit' },
  { column: 'forbids_name_and_login', kind: 'flag', says: 'whether it must not contain the name or the login' },
  { column: 'forbidden', kind: 'words', says: 'texts that it must not contain' },
];

type PolicyValue = string | number | boolean | readonly string[];

/** A policy, or what shall change of one, by column. */
export type PolicyRow = Readonly<Record<string, PolicyValue>>;

/** The policy of customers that name none. */
export const defaultPolicy = 1;

const id = 'i_password_policy';
const columns = [id, ...policyFields.map(({ column }) => column)];

/** Every password policy, in the order of their ids. */
export async function listPolicies(db: Database): Promise<readonly PolicyRow[]> {
  return db('password_policies').orderBy(id).select(columns);
}

/**
 * Adds a policy under the next free id; what is not given has the default of its column. The lock lets two that add at once
 * take two ids; nobody who reads waits for it.
 * @throws the driver's error when a constraint forbids it
 */
export async function addPolicy(db: Database, row: PolicyRow): Promise<PolicyRow> {
  return db.transaction(async (trx) => {
    await trx.raw('LOCK TABLE password_policies IN SHARE ROW EXCLUSIVE MODE');
    const last = await trx('password_policies').max({ id }).first();
    const [added] = await trx('password_policies').insert({ ...row, [id]: (last?.id ?? 0) + 1 }, columns);
    return added;
  });
}

/**
 * Changes what is given of a policy; undefined when there is none of this id. Workers see it within seconds.
 * @throws the driver's error when a constraint forbids it
 */
export async function changePolicy(db: Database, policy: number, change: PolicyRow): Promise<PolicyRow | undefined> {
  const [changed] = await db('password_policies').where(id, policy).update(change, columns);
  return changed;
}

/** Removes a policy that no customer has; see `removeUnused`. */
export function removePolicy(db: Database, policy: number): Promise<Removal | undefined> {
  return removeUnused(db, { table: 'password_policies', id }, policy);
}
