import type { Database } from '../db/connect.ts';
import { diagnose } from '../db/diagnose.ts';
import { matchingRuleProblem } from '../db/matching-rule.ts';
import { createPasswordPolicies } from '../db/password-policies.ts';
import type { CreateCustomerParams } from '../schemas/create-customer.ts';
import { faults, type Problem } from '../schemas/faults.ts';
import { passwordProblems, withoutPasswords } from './passwords.ts';

/**
 * Makes the check for what the constraints of the database do not find, or not in time: passwords that break their
 * policy, and a matching rule that holds the server up. When it finds something, it reports with it everything else that
 * is wrong; otherwise the constraints do, which cost nothing.
 */
export function createProblemFinder(db: Database) {
  const findPolicy = createPasswordPolicies(db);

  async function checkPasswords(params: CreateCustomerParams): Promise<readonly Problem[]> {
    const policy = await findPolicy(params.i_password_policy);
    return policy ? passwordProblems(policy, params) : [faults.wrongReference('i_password_policy')];
  }

  async function checkRule({ accounts_matching_rule: rule }: CreateCustomerParams): Promise<readonly Problem[]> {
    const problem = rule === undefined ? undefined : await matchingRuleProblem(db, rule);
    return problem ? [problem] : [];
  }

  /** Every problem, or none. */
  return async function findProblems(params: CreateCustomerParams, i_wholesaler: number): Promise<readonly Problem[]> {
    const problems = [...(await checkPasswords(params)), ...(await checkRule(params))];
    if (problems.length === 0) return [];
    return [...problems, ...(await diagnose(db, withoutPasswords(params), i_wholesaler))];
  };
}
