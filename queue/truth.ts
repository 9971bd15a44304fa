import type { Logger } from '../runtime/logger.ts';
import { faults, toFault } from '../schemas/faults.ts';
import type { Outcome } from '../schemas/jobs.ts';
import type { CallQueue } from './consume.ts';
import type { Waiter, Waiters } from './waiters.ts';

/** Finds what keys have created. Passed in, for the database is not ours. */
export type FindKeyRows = (calls: readonly { readonly i_wholesaler: number; readonly key: string }[]) => Promise<
  readonly {
    readonly i_wholesaler: number;
    readonly key: string;
    readonly i_customer: number;
    readonly paramsHash: string;
    /** Time since it was created, by the clock of the database. */
    readonly ageMs: number;
  }[]
>;

/** A reply comes within milliseconds of the COMMIT; a call that waits longer may have lost it. */
const databaseAfterMs = 250;
const databaseEveryMs = 500;

/** Faults, and jobs that died with their worker, stand in the queue alone, which is dearer to ask. */
const queueAfterMs = 2000;
const queueEveryMs = 2000;

type KeyRow = Awaited<ReturnType<FindKeyRows>>[number];

/** A row that is older than the call was left by an earlier call with the same key. */
function rowOutcome({ i_customer, paramsHash, ageMs }: KeyRow, { paramsHashes, since }: Waiter): Outcome {
  if (!paramsHashes().includes(paramsHash)) return { ok: false, fault: toFault([faults.keyInUse()]) };
  return { ok: true, i_customer, replayed: ageMs > Date.now() - since };
}

/** Outcomes by waiter: what the database says of those whose key has a row. */
async function outcomesInDatabase(late: readonly Waiter[], findKeyRows: FindKeyRows): Promise<Map<Waiter, Outcome>> {
  const rows = new Map((await findKeyRows(late)).map((row) => [`${row.i_wholesaler} ${row.key}`, row]));
  const found = new Map<Waiter, Outcome>();
  for (const waiter of late) {
    const row = rows.get(`${waiter.i_wholesaler} ${waiter.key}`);
    if (row) found.set(waiter, rowOutcome(row, waiter));
  }
  return found;
}

async function outcomeInQueue(queue: CallQueue, waiter: Waiter): Promise<Outcome | undefined> {
  const job = await queue.state(waiter.jobId);
  if (job.state === 'finished') return job.result;
  return job.state === 'failed' ? { ok: false, fault: faults.internal(waiter.requestId) } : undefined;
}

/** Calls `ask` again and again, each time a while after the last one ended. */
function repeat(ask: () => Promise<void>, everyMs: number): { stop(): void } {
  let stopped = false;
  let timer = setTimeout(tick, everyMs);
  function tick(): void {
    void ask().finally(() => {
      if (!stopped) timer = setTimeout(tick, everyMs);
    });
  }
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

interface Sources {
  readonly queue: CallQueue;
  readonly findKeyRows: FindKeyRows;
}

/**
 * Looks for lost replies: the row in the database is the truth about what was created, the job's state about the rest.
 * Costs nothing while every reply arrives in time.
 */
export function watchForLostReplies(
  options: Sources & { readonly waiters: Waiters; readonly onReplyLoss: () => void; readonly log: Logger },
) {
  const { waiters, queue, findKeyRows, onReplyLoss, log } = options;

  function settle(jobId: string, outcome: Outcome): void {
    waiters.settle(jobId, outcome);
    onReplyLoss();
  }

  async function askDatabase(): Promise<void> {
    const late = waiters.olderThan(databaseAfterMs);
    if (late.length === 0) return;
    for (const [{ jobId }, outcome] of await outcomesInDatabase(late, findKeyRows)) settle(jobId, outcome);
  }

  async function askQueue(): Promise<void> {
    for (const waiter of waiters.olderThan(queueAfterMs)) {
      const outcome = await outcomeInQueue(queue, waiter);
      if (outcome) settle(waiter.jobId, outcome);
    }
  }

  const warn = (error: unknown) => log.warn({ err: error }, 'could not look for lost replies');
  const loops = [
    repeat(() => askDatabase().catch(warn), databaseEveryMs),
    repeat(() => askQueue().catch(warn), queueEveryMs),
  ];
  return {
    close(): void {
      for (const loop of loops) loop.stop();
    },
  };
}

/**
 * What the database says that one call has created. Undefined when nothing.
 * @throws when the database does not say
 */
export async function findCreated(waiter: Waiter, findKeyRows: FindKeyRows): Promise<Outcome | undefined> {
  return (await outcomesInDatabase([waiter], findKeyRows)).get(waiter);
}

/** What database and queue say of one call when nobody has told it. Undefined when neither knows or can be reached. */
export async function findOutcome(waiter: Waiter, { queue, findKeyRows }: Sources): Promise<Outcome | undefined> {
  const found = await findCreated(waiter, findKeyRows).catch(() => undefined);
  return found ?? outcomeInQueue(queue, waiter).catch(() => undefined);
}
