import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../services/wait-for.ts';
import type { Actor } from './actor.ts';
import type { Cast } from './cast.ts';
import { type Round, stepOwners } from './plan.ts';
import { pick, type Random } from './random.ts';
import { beginFault, type Target } from './target.ts';

/** How long a process may take to reach a step while calls come. */
const reachLimitMs = 8000;

/** It stops at one of its first arrivals. */
const latestArrival = 8;

const latestMomentMs = 400;

interface Ground {
  readonly cast: Cast;
  readonly random: Random;
}

function owners(cast: Cast, kind: Actor['kind']): readonly Actor[] {
  return cast.actors.filter((actor) => actor.kind === kind);
}

/** The process that stopped at the step is the one that is hit, if it is of the kind that is to be hit. */
function targetOf({ cast, random }: Ground, { target }: Round, stopped: Actor | undefined): Target {
  if (stopped?.kind === target) return stopped;
  return pick(
    random,
    cast.targets.filter(({ kind }) => kind === target),
  );
}

async function stopAtStep(ground: Ground, round: Round): Promise<Actor | undefined> {
  if (round.moment === 'random') {
    await sleep(ground.random() * latestMomentMs);
    return undefined;
  }
  const actor = pick(ground.random, owners(ground.cast, stepOwners[round.moment]));
  await actor.armStop(round.moment, 1 + Math.floor(ground.random() * latestArrival));
  const isReached = await waitFor(actor.isStopped, reachLimitMs).then(
    () => true,
    () => false,
  );
  if (isReached) return actor;
  await actor.disarm();
  throw new StepNotReached(round.moment);
}

/** No call came to the step in time, so that nothing was done. */
export class StepNotReached extends Error {}

/**
 * Brings one fault about and waits until it is over. At a step, a process that has just reached it stands still while the
 * fault begins, be it the target of the fault or not.
 * @throws StepNotReached
 */
export async function inject(ground: Ground, round: Round): Promise<void> {
  const stopped = await stopAtStep(ground, round);
  const target = targetOf(ground, round, stopped);
  const endFault = await beginFault(target, round.fault, round.manner);
  const isFrozen = round.fault === 'freeze' && target === stopped;
  if (!isFrozen) stopped?.resume();
  await sleep(round.lastsMs);
  await endFault();
}
