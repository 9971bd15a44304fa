import fc from 'fast-check';
import { type Scenario, scenarios } from './play.ts';

/** Long enough to make a counterexample small, and no longer than somebody waits for it. */
const shrinkMs = 30_000;

type Play = (scenario: Scenario) => Promise<void>;

interface Failure {
  readonly index: number;
  readonly error: unknown;
}

/** Plays scenarios side by side, in so many lanes, until one fails. */
async function findFailure(list: readonly Scenario[], lanes: number, play: Play): Promise<Failure | undefined> {
  const rest = list.entries();
  let failure: Failure | undefined;
  const lane = async () => {
    for (const [index, scenario] of rest) {
      if (failure !== undefined) return;
      await play(scenario).catch((error: unknown) => {
        failure ??= { index, error };
      });
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return failure;
}

/**
 * Draws scenarios and plays them side by side. One that fails is played again alone, and made as small as it can be.
 * @throws Error with the smallest scenario that fails, and what it fails with
 */
export async function playAll(
  { count, lanes }: { readonly count: number; readonly lanes: number },
  play: Play,
): Promise<void> {
  const failure = await findFailure(fc.sample(scenarios, count), lanes, play);
  if (failure === undefined) return;
  const replay = { path: `${failure.index}`, numRuns: 1, interruptAfterTimeLimit: shrinkMs };
  await fc.assert(fc.asyncProperty(scenarios, play), replay);
  throw failure.error;
}
