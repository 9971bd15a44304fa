import { setTimeout as sleep } from 'node:timers/promises';
import type { Heard } from './call-client.ts';
import { type Cast, type CastOptions, openCast } from './cast.ts';
import { inject, StepNotReached } from './inject.ts';
import { createLoad, type Load } from './load.ts';
import type { Round } from './plan.ts';
import type { Random } from './random.ts';
import { type Tally, tally, toTable } from './table.ts';
import { verify } from './verify.ts';

export interface RunOptions extends CastOptions {
  readonly rounds: readonly Round[];
  readonly callsInRound: number;
  readonly random: Random;
  /** How long to wait at the end for jobs that come back from workers that were lost. */
  readonly settleMs: number;
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

/** When everything is whole again, every client gets its answer in this time. */
const finishLimitMs = 60_000;

interface Ground {
  readonly cast: Cast;
  readonly load: Load;
  readonly options: RunOptions;
}

/** Sends calls until the fault is over, and then what is left of them. */
async function sendInto({ load, options }: Ground, round: number, isOver: () => boolean): Promise<void> {
  const { callsInRound, random } = options;
  for (let sent = 0; sent < callsInRound; sent += 1) {
    load.send(round);
    if (!isOver()) await sleep(2 * meanDistanceMs * random());
  }
}

async function runRound(ground: Ground, number: number, round: Round): Promise<boolean> {
  let isOver = false;
  const sent = sendInto(ground, number, () => isOver);
  try {
    await inject({ cast: ground.cast, random: ground.options.random }, round);
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
  const { cast, load, options } = ground;
  let faults = 0;
  for (const [number, round] of options.rounds.entries()) {
    const isDone = await runRound(ground, number, round);
    if (isDone) faults += 1;
    options.onRound?.(`${number + 1}/${options.rounds.length} ${JSON.stringify(round)}${isDone ? '' : ' not reached'}`);
  }
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
    const { urls, waitTimeoutMs } = cast;
    return await runAll({ cast, load: createLoad({ urls, waitTimeoutMs, random: options.random }), options });
  } finally {
    await cast.close();
  }
}
