import { type Step, steps } from '../../runtime/steps.ts';
import type { QueueKind } from '../services/queues.ts';
import type { Cut } from './link.ts';
import { pick, type Random, shuffle } from './random.ts';
import { type Fault, faultKinds, type TargetKind } from './target.ts';

/** One fault: when it strikes, whom, how, and how long it lasts. */
export interface Round {
  readonly moment: Step | 'random';
  readonly target: TargetKind;
  readonly fault: Fault;
  /** How it is cut, where it is cut. */
  readonly manner: Cut;
  readonly lastsMs: number;
}

/** Which process reaches a step. */
export const stepOwners: Readonly<Record<Step, 'api' | 'worker'>> = {
  received: 'api',
  checked: 'api',
  queued: 'api',
  taken: 'worker',
  hashed: 'worker',
  committed: 'worker',
  replied: 'worker',
  answered: 'api',
};

/** The lock of a job lasts 10 s and lost ones are looked for every 5 s: after that the job has another worker. */
export const beyondLockMs = 15_500;

/** The long freezes of processes of which there are two cost no time: other faults go on meanwhile. */
const longShares: Readonly<Record<TargetKind, number>> = { api: 0.4, worker: 0.6, redis: 0.2, postgres: 0.2 };

const shortestMs = 300;
const spreadMs = 2200;

const manners: readonly Cut[] = ['silent', 'reset'];

function targetKinds(queue: QueueKind): readonly TargetKind[] {
  return queue === 'redis' ? ['api', 'worker', 'redis', 'postgres'] : ['api', 'worker', 'postgres'];
}

function lastsMs(random: Random, { fault, target }: Pick<Round, 'fault' | 'target'>): number {
  const isLong = fault === 'freeze' && random() < longShares[target];
  return isLong ? beyondLockMs : Math.round(shortestMs + random() * spreadMs);
}

/** Every fault of every process at every step and at a random moment, in a random order, again and again. */
export function createPlan(queue: QueueKind, count: number, random: Random): readonly Round[] {
  const moments = [...steps, 'random' as const];
  const matrix = moments.flatMap((moment) =>
    targetKinds(queue).flatMap((target) => faultKinds.map((fault) => ({ moment, target, fault }))),
  );
  const passes = Math.ceil(count / matrix.length);
  const all = Array.from({ length: passes }, () => shuffle(random, matrix)).flat();
  return all.slice(0, count).map((round) => ({
    ...round,
    manner: pick(random, manners),
    lastsMs: lastsMs(random, round),
  }));
}
