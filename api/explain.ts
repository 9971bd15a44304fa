import type { ProblemFinder } from '../db/find-problems.ts';
import { createLanes } from '../runtime/lanes.ts';
import type { Logger } from '../runtime/logger.ts';

/** So many refused calls are looked into at a time: they must not take the connections that logins need. */
const lanesCount = 4;

/** When more than this wait for that, the next is told the mistakes of its form alone. */
const maxWaiting = 100;

/**
 * Makes the question what else is wrong with a call that is refused for its form. It never throws: whoever has mistakes in
 * the form of a call is told them also when the database is away, or has too much to explain.
 */
export function createExplainer(findAll: ProblemFinder['findAll'], log: Logger): ProblemFinder['findAll'] {
  const lanes = createLanes(lanesCount);

  return async (params, scope) => {
    if (lanes.waitingCount >= maxWaiting) return [];
    return lanes
      .run(() => findAll(params, scope))
      .catch((error: unknown) => {
        log.warn({ err: error }, 'the database was not asked for further problems');
        return [];
      });
  };
}
