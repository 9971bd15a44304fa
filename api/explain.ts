import type { ProblemFinder } from '../db/find-problems.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Problem } from '../schemas/faults.ts';

/** So many refused calls are looked into at a time: they must not take the connections that logins need. */
const lanes = 4;

/** When more than this wait for that, the next is told the mistakes of its form alone. */
const maxWaiting = 100;

/**
 * Makes the question what else is wrong with a call that is refused for its form. It never throws: whoever has mistakes in
 * the form of a call is told them also when the database is away, or has too much to explain.
 */
export function createExplainer(findAll: ProblemFinder['findAll'], log: Logger): ProblemFinder['findAll'] {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function enter(): Promise<void> {
    if (running < lanes) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }

  /** The lane goes to the next who waits, if there is one. */
  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }

  async function explain(...call: Parameters<typeof findAll>): Promise<readonly Problem[]> {
    await enter();
    try {
      return await findAll(...call);
    } finally {
      leave();
    }
  }

  return async (params, scope) => {
    if (waiting.length >= maxWaiting) return [];
    return explain(params, scope).catch((error: unknown) => {
      log.warn({ err: error }, 'the database was not asked for further problems');
      return [];
    });
  };
}
