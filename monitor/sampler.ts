import type { Database } from '../db/connect.ts';
import { type DatabaseState, type RecentImport, readDatabaseState, readRecentImports } from '../db/search-journal.ts';
import type { BoardQueues, QueueDepth, RedisState } from '../queue/open-board.ts';
import { within } from './within.ts';

const sampleEveryMs = 2000;
const answerTimeoutMs = 1800;
const msPerSecond = 1000;

/** An hour of samples. */
const maxSamples = 1800;
const maxImports = 10;

/** How long the queues were at some time. */
export interface DepthSample {
  /** Unix time in seconds. */
  readonly t: number;
  readonly depths: readonly QueueDepth[];
}

/** What can be said of everything behind the service. What does not answer is undefined. */
export interface State {
  readonly database?: DatabaseState | undefined;
  readonly imports?: readonly RecentImport[] | undefined;
  readonly depths?: readonly QueueDepth[] | undefined;
  readonly workers?: number | undefined;
  readonly redis?: RedisState | undefined;
}

/**
 * Asks database and queues every two seconds how they are, however many look at the overview, and remembers an hour of how
 * long the queues were. It goes on when they are away.
 */
export function startSampler(options: {
  readonly db: Database;
  readonly board: BoardQueues;
  /** Is told how long the queues are, each time; of queues that do not answer, nothing. */
  readonly onDepths: (depths: readonly QueueDepth[]) => void;
}) {
  const { db, board, onDepths } = options;
  const samples: DepthSample[] = [];
  let state: State = {};
  let isAsking = false;

  async function ask(): Promise<void> {
    const [database, imports, depths, workers, redis] = await Promise.all([
      within(readDatabaseState(db), answerTimeoutMs),
      within(readRecentImports(db, maxImports), answerTimeoutMs),
      within(board.depths(), answerTimeoutMs),
      within(board.workerCount(), answerTimeoutMs),
      within(board.redisState(), answerTimeoutMs),
    ]);
    state = { database, imports, depths, workers, redis };
    onDepths(depths ?? []);
    if (!depths) return;
    samples.push({ t: Date.now() / msPerSecond, depths });
    if (samples.length > maxSamples) samples.shift();
  }

  async function sample(): Promise<void> {
    if (isAsking) return;
    isAsking = true;
    await ask().finally(() => {
      isAsking = false;
    });
  }

  const first = sample();
  const timer = setInterval(() => void sample(), sampleEveryMs);
  return {
    /** The first answers, so that nobody sees a page of question marks. */
    ready: first,
    state: () => state,
    depthsSince: (t: number) => samples.filter((entry) => entry.t >= t),
    close(): void {
      clearInterval(timer);
    },
  };
}

export type Sampler = ReturnType<typeof startSampler>;
