import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../services/wait-for.ts';
import type { Actor } from './actor.ts';
import type { Cast } from './cast.ts';
import { type Round, stepOwners } from './plan.ts';
import { pick, type Random } from './random.ts';
import { beginFault, type Target, type TargetKind } from './target.ts';

/** How long a process may take to reach a step while calls come. */
const reachLimitMs = 8000;

const latestMomentMs = 400;

/** No call came to the step in time, so that nothing was done. */
export class StepNotReached extends Error {}

export interface Stage {
  readonly cast: Cast;
  readonly random: Random;
  /** A process stops at one of its first so many arrivals at a step. */
  readonly latestArrival: number;
  /** What a fault is happening to. */
  readonly hit: Set<Target>;
}

function idle<T extends Target>({ hit }: Stage, targets: readonly T[], kind: TargetKind): readonly T[] {
  return targets.filter((target) => target.kind === kind && !hit.has(target));
}

/** Resolves to the process that has reached the step first, and stands still there; the others go on. */
async function stopAtStep(stage: Stage, { moment }: Round): Promise<Actor | undefined> {
  const { cast, random, latestArrival } = stage;
  if (moment === 'random') {
    await sleep(random() * latestMomentMs);
    return undefined;
  }
  const actors = idle(stage, cast.actors, stepOwners[moment]);
  await Promise.all(actors.map((actor) => actor.armStop(moment, 1 + Math.floor(random() * latestArrival))));
  const findStopped = () => actors.find((actor) => actor.isStopped());
  await waitFor(() => findStopped() !== undefined, reachLimitMs).catch(() => {});
  const stopped = findStopped();
  await Promise.all(actors.filter((actor) => actor !== stopped).map((actor) => actor.disarm()));
  if (!stopped) throw new StepNotReached(moment);
  return stopped;
}

/**
 * Brings one fault about; the function returned ends it. At a step, a process that has just reached it stands still while
 * the fault begins. It is the target itself, if it is of the kind that is to be hit.
 * @throws StepNotReached
 */
export async function strike(stage: Stage, round: Round): Promise<() => Promise<void>> {
  const stopped = await stopAtStep(stage, round);
  const candidates = idle(stage, stage.cast.targets, round.target);
  const target = stopped?.kind === round.target ? stopped : pick(stage.random, candidates);
  stage.hit.add(target);
  const endFault = await beginFault(target, round.fault, round.manner);
  if (round.fault !== 'freeze' || target !== stopped) stopped?.resume();
  return async () => {
    await endFault();
    stage.hit.delete(target);
  };
}
