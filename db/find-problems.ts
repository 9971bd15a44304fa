import { mapSideBySide } from '../runtime/side-by-side.ts';
import type { CreateCustomerParams } from '../schemas/create-customer.ts';
import { faults, type Problem } from '../schemas/faults.ts';
import { passwordProblems } from '../schemas/password-policy.ts';
import type { Database } from './connect.ts';
import type { Creation } from './customers.ts';
import { diagnose } from './diagnose.ts';
import { createMatchingRuleCheck } from './matching-rule.ts';
import { createPasswordPolicies } from './password-policies.ts';

/** The members of a call that are of the right form, all of them or some. */
export type SoundParams = Partial<CreateCustomerParams>;

/** Who calls for which parent; undefined where the call should name one and does not. */
export interface Scope extends Pick<Creation, 'mode'> {
  readonly i_wholesaler: number | undefined;
}

/** A few connections of the pool, so that others get some as well. */
const sideBySide = 4;

/** Stands for what is stored of an API password while only its presence matters. */
const someApiPassword = 'asked for';

/**
 * The parameters that may be stored and logged as they are; the parent stands beside them. Members become undefined, which JSON
 * leaves out: to copy all but some costs ten times as much.
 */
export function withoutPasswords<T extends SoundParams>(
  params: T,
): Omit<T, 'web_password' | 'api_password' | 'i_wholesaler'> {
  return { ...params, web_password: undefined, api_password: undefined, i_wholesaler: undefined };
}

/** A call to look into: what is sound of it, and who calls for which parent. */
export interface Suspect extends Scope {
  readonly params: SoundParams;
}

/** Makes the search for what is wrong with calls beyond their form. */
export function createProblemFinder(db: Database) {
  const findPolicy = createPasswordPolicies(db);
  const findRuleProblem = createMatchingRuleCheck(db);

  async function checkPasswords(params: SoundParams): Promise<readonly Problem[]> {
    if (params.i_password_policy === undefined) return [];
    const policy = await findPolicy(params.i_password_policy);
    return policy ? passwordProblems(policy, params) : [faults.wrongReference('i_password_policy')];
  }

  async function checkRule({ accounts_matching_rule: rule }: SoundParams): Promise<readonly Problem[]> {
    const problem = rule === undefined ? undefined : await findRuleProblem(rule);
    return problem ? [problem] : [];
  }

  /**
   * What the constraints of the database do not find, or not in time: passwords that break their policy, and a matching
   * rule that holds the server up. Costs no round trip for most calls.
   */
  async function findBeyondConstraints(params: SoundParams): Promise<readonly Problem[]> {
    return [...(await checkPasswords(params)), ...(await checkRule(params))];
  }

  /**
   * Every problem that the form of the calls does not show. Asked for calls that are refused in any case, and for those that
   * are only rehearsed.
   * @returns the problems of each call, in order
   */
  async function findAllOfMany(suspects: readonly Suspect[]): Promise<readonly (readonly Problem[])[]> {
    // Nothing else of a suspect goes to the database: the problems that are known of it may be megabytes.
    const asked = suspects.map(({ params, mode, i_wholesaler }) => ({
      mode,
      i_wholesaler,
      customer: withoutPasswords(params),
      api_ha1: params.api_password === undefined ? undefined : someApiPassword,
    }));
    const others = await diagnose(db, asked);
    return mapSideBySide(sideBySide, suspects, async ({ params }, index) => [
      ...(await findBeyondConstraints(params)),
      ...(others[index] ?? []),
    ]);
  }

  /** The same for one call. */
  async function findAll(params: SoundParams, scope: Scope): Promise<readonly Problem[]> {
    const [problems = []] = await findAllOfMany([{ params, ...scope }]);
    return problems;
  }

  return { findBeyondConstraints, findAllOfMany, findAll };
}

export type ProblemFinder = ReturnType<typeof createProblemFinder>;
