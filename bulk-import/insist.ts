import { setTimeout as sleep } from 'node:timers/promises';
import { violation } from '../db/violations.ts';
import { QueueUnavailable } from '../queue/backend.ts';

/** What cannot be reached for the moment. */
export type Away = 'queue' | 'database';

/** The import was to end while something was away, or nobody was there to take its rows. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

const firstPauseMs = 200;
const longestPauseMs = 5000;

/** Pauses that grow, each ended at once by the signal. */
export function createPauses(signal: AbortSignal, longestMs = longestPauseMs) {
  let nextMs = firstPauseMs;
  return async function pause(): Promise<void> {
    const ms = nextMs;
    nextMs = Math.min(2 * nextMs, longestMs);
    await sleep(ms, undefined, { signal }).catch(() => {});
  };
}

function whatIsAway(error: unknown): Away | undefined {
  if (error instanceof QueueUnavailable) return 'queue';
  const { kind } = violation(error);
  return kind === 'unreachable' || kind === 'transient' ? 'database' : undefined;
}

/** Runs a step again and again, with growing pauses, while the queue or the database is away. */
export type Insist = <T>(run: () => Promise<T>) => Promise<T>;

/**
 * Makes such a runner. `onAway` is told once when something goes, `onBack` once when it is there again.
 * @throws Interrupted when the signal comes, or has come, while something is away; any other error at once
 */
export function createInsist(options: {
  readonly signal: AbortSignal;
  readonly onAway: (what: Away, error: unknown) => void;
  readonly onBack: (what: Away) => void;
}): Insist {
  const { signal, onAway, onBack } = options;
  const away = new Set<Away>();

  function note(error: unknown): Away {
    const what = whatIsAway(error);
    if (what === undefined) throw error;
    if (!away.has(what)) onAway(what, error);
    away.add(what);
    return what;
  }

  function forget(missed: ReadonlySet<Away>): void {
    for (const what of missed) {
      if (away.delete(what)) onBack(what);
    }
  }

  return async function insist(run) {
    const pause = createPauses(signal);
    const missed = new Set<Away>();
    for (;;) {
      try {
        const result = await run();
        forget(missed);
        return result;
      } catch (error) {
        missed.add(note(error));
        if (signal.aborted) throw new Interrupted('Something was away', { cause: error });
      }
      await pause();
    }
  };
}
