import { setTimeout as sleep } from 'node:timers/promises';
import type { Heard } from './call-client.ts';
import { type CastOptions, openCast } from './cast.ts';
import { type Stage, StepNotReached, strike } from './inject.ts';
import { createLoad, type Load } from './load.ts';
import { beyondLockMs, type Round } from './plan.ts';
import type { Random } from './random.ts';
import { type Tally, tally, toTable } from './table.ts';
import type { TargetKind } from './target.ts';
import { verify } from './verify.ts';

export interface RunOptions extends CastOptions {
  readonly rounds: readonly Round[];
  readonly callsInRound: number;
  readonly random: Random;
  /** How often a client repeats a call; without an end unless said. */
  readonly maxAttempts?: number;
  /** How long to wait at the end for jobs that come back from workers that were lost. */
  readonly settleMs: number;
  /** Ends the run before the next fault. */
  readonly signal?: AbortSignal;
  readonly onRound?: (line: string) => void;
}

export interface Report {
  readonly table: string;
  readonly total: Tally;
  /** Faults that were brought about; the others found no call at their step. */
  readonly faults: number;
  /** Customers that do not match their audit row and their opening entry. */
  readonly unmatched: number;
  /** Processes that ended though nobody had killed them. */
  readonly crashes: number;
  /** How often each fault was answered, and how often nothing was heard. */
  readonly heard: Readonly<Record<string, number>>;
}

/** Calls come at random distances, so that they are under way in all states when a fault strikes. */
const meanDistanceMs = 25;

/** A step is certain to be reached this often: each of two processes gets some of the calls, and some repeat. */
const arrivalShare = 6;

/** When everything is whole again, every client gets its answer in this time. */
const finishLimitMs = 60_000;

interface Ground extends Stage {
  readonly load: Load;
  readonly options: RunOptions;
  /** Faults that go on while others come and go. */
  readonly lasting: Map<TargetKind, Promise<void>>;
}

/** Sends calls until the fault is over, and then what is left of them. */
async function sendInto({ load, options }: Ground, round: number, isOver: () => boolean): Promise<void> {
  const { callsInRound, random } = options;
  for (let sent = 0; sent < callsInRound; sent += 1) {
    load.send(round);
    if (!isOver()) await sleep(2 * meanDistanceMs * random());
  }
}

/** While one of two is frozen for so long, the other one works, and more happens. */
function isLasting({ lastsMs, target }: Round): boolean {
  return lastsMs >= beyondLockMs && (target === 'api' || target === 'worker');
}

async function goThrough(ground: Ground, round: Round): Promise<void> {
  const { lasting } = ground;
  const end = await strike(ground, round);
  const over = sleep(round.lastsMs).then(end);
  if (isLasting(round)) lasting.set(round.target, over);
  else await over;
}

/** False when no call came to the step of the fault. */
async function runRound(ground: Ground, number: number, round: Round): Promise<boolean> {
  if (isLasting(round)) await ground.lasting.get(round.target);
  let isOver = false;
  const sent = sendInto(ground, number, () => isOver);
  try {
    await goThrough(ground, round);
    return true;
  } catch (error) {
    if (error instanceof StepNotReached) return false;
    throw error;
  } finally {
    isOver = true;
    await sent;
  }
}

function nameOf(heard: Heard): string {
  if (heard === 'nothing') return heard;
  return 'fault' in heard ? String(heard.fault) : 'OK';
}

function countHeard({ calls }: Load): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { heard } of calls.flatMap(({ attempts }) => attempts)) {
    counts[nameOf(heard)] = (counts[nameOf(heard)] ?? 0) + 1;
  }
  return counts;
}

async function runAll(ground: Ground): Promise<Report> {
  const { cast, load, options, lasting } = ground;
  let faults = 0;
  for (const [number, round] of options.rounds.entries()) {
    options.signal?.throwIfAborted();
    const isDone = await runRound(ground, number, round);
    if (isDone) faults += 1;
    options.onRound?.(`${number + 1}/${options.rounds.length} ${JSON.stringify(round)}${isDone ? '' : ' not reached'}`);
  }
  await Promise.all(lasting.values());
  await load.finish(finishLimitMs);
  await sleep(options.settleMs);
  const findings = await verify(cast, load.calls);
  return {
    table: toTable(options.rounds, load.calls, findings),
    total: tally(load.calls, findings),
    faults,
    unmatched: findings.unmatched,
    crashes: cast.actors.reduce((sum, actor) => sum + actor.crashes(), 0),
    heard: countHeard(load),
  };
}

/** Drives load through a cast while one fault after another happens to it, and reports by the database alone. */
export async function runChaos(options: RunOptions): Promise<Report> {
  const cast = await openCast(options);
  try {
    const { random } = options;
    const load = createLoad({ ...options, urls: cast.fronts.map(({ url }) => url) });
    const latestArrival = Math.ceil(options.callsInRound / arrivalShare);
    return await runAll({ cast, random, latestArrival, load, options, hit: new Set(), lasting: new Map() });
  } finally {
    await cast.close();
  }
}
