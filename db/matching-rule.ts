import { LRUCache } from 'lru-cache';
import { faults, type Problem } from '../schemas/faults.ts';
import type { Database } from './connect.ts';
import { isTimeLimit, violation } from './violations.ts';

/** A sound rule takes a millisecond; a few hundred bytes can be made to take minutes of the server's time. */
const patienceMs = 1000;

const tooComplex = faults.wrongValue('accounts_matching_rule', 'is too complex');

/**
 * What PostgreSQL has against a rule that matches accounts: that it is no regular expression, or that it takes too long
 * to read. Undefined when it has nothing. Asked before the rule is stored, for a limit of its own.
 */
async function matchingRuleProblem(db: Database, rule: string): Promise<Problem | undefined> {
  try {
    await db.transaction(async (trx) => {
      await trx.raw(`SET LOCAL statement_timeout = ${patienceMs}`);
      await trx.raw("SELECT '' ~ ?", [rule]);
    });
    return undefined;
  } catch (error) {
    if (isTimeLimit(error)) return tooComplex;
    const found = violation(error);
    if (found.kind !== 'problem') throw error;
    return found.problem;
  }
}

const maxRemembered = 1000;

/** That a rule took too long may have been the server's fault. Long enough that a flood of one such rule holds nobody up. */
const tooComplexRememberedMs = 60_000;

/**
 * Makes the same check with a memory: what PostgreSQL has against a rule does not change, but for the time that it takes.
 */
export function createMatchingRuleCheck(db: Database): (rule: string) => Promise<Problem | undefined> {
  const checked = new LRUCache<string, { readonly problem: Problem | undefined }>({
    max: maxRemembered,
    async fetchMethod(rule, _, { options }) {
      const problem = await matchingRuleProblem(db, rule);
      if (problem === tooComplex) options.ttl = tooComplexRememberedMs;
      return { problem };
    },
  });
  return async (rule) => (await checked.fetch(rule))?.problem;
}
