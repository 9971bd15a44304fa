import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import type { Database } from '../db/connect.ts';
import { forgetClaims } from '../db/imports.ts';
import type { ImportProducer } from '../queue/import-queue.ts';
import { dryRunId } from './import-id.ts';
import { type Away, createInsist, Interrupted } from './insist.ts';
import { type Batch, makeBatches } from './make-batches.ts';
import type { FailedRow, ReadyRow } from './make-row.ts';
import type { BatchOutcome } from './read-outcome.ts';
import { type BatchGround, runBatch } from './run-batch.ts';

/** As much as the audit log takes for an address. */
const longestProducer = 64;

const usualRowsInChunk = 250;
const usualConcurrency = 8;

/** What an import reports while it runs. */
export interface ImportEvents {
  /** Rows were put into the queue. */
  readonly onAccepted: (rows: number) => void;
  /** A batch has ended. Rejects when it cannot be reported: then the import ends. */
  readonly onOutcome: (outcome: BatchOutcome) => void | Promise<void>;
  readonly onAway: (what: Away, error: unknown) => void;
  readonly onBack: (what: Away) => void;
  /** Rows wait, and no worker is there. Called again and again. */
  readonly onNoWorker: () => void | Promise<void>;
}

export interface ImportOptions {
  readonly importId: string;
  readonly rows: AsyncIterable<ReadyRow | FailedRow>;
  readonly db: Database;
  readonly queue: ImportProducer;
  readonly dryRun?: boolean | undefined;
  readonly rowsInChunk?: number | undefined;
  /** How many chunks may be in the queue at a time. */
  readonly concurrency?: number | undefined;
  readonly rowsPerSecond?: number | undefined;
  /** Ends the import: nothing more is read, and what is in the queue is waited for, unless something is away. */
  readonly signal: AbortSignal;
  readonly events: ImportEvents;
}

/** Gives the batches to so many lanes, each of which takes the next one when it has finished its own. */
async function runLanes(
  lanes: number,
  batches: AsyncGenerator<Batch>,
  options: { readonly run: (batch: Batch) => Promise<void>; readonly onFailure: () => void },
): Promise<void> {
  async function lane(): Promise<void> {
    try {
      for await (const batch of { [Symbol.asyncIterator]: () => ({ next: () => batches.next() }) }) {
        await options.run(batch);
      }
    } catch (error) {
      options.onFailure();
      throw error;
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
  const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
  const [gravest] = failures.sort((a, b) => consequence(a) - consequence(b));
  if (gravest !== undefined) throw gravest;
}

/** How far an error is from what went wrong: a lane that was interrupted ends the others, whose waiting is aborted. */
function consequence(error: unknown): number {
  if ((error as Error | undefined)?.name === 'AbortError') return 2;
  return error instanceof Interrupted ? 1 : 0;
}

/**
 * Imports rows: it puts them into the queue in chunks, a bounded number at a time, and tells what became of them. Whatever
 * is lost or killed on the way, a row is created once, for each has a key: running the same import again goes on.
 * @throws ImportProblem when it cannot go on; Interrupted when it was to end and some chunk could not be waited for
 */
export async function importRows(options: ImportOptions): Promise<void> {
  const { db, queue, dryRun = false, signal, events } = options;
  // What a dry run notes never mixes with what the import itself does.
  const importId = dryRun ? dryRunId(options.importId) : options.importId;
  const failure = new AbortController();
  const stop = AbortSignal.any([signal, failure.signal]);
  // Each lane waits for them; Node takes more than ten listeners for a leak.
  setMaxListeners(Number.POSITIVE_INFINITY, failure.signal, stop);
  const insist = createInsist({ signal: stop, ...events });
  const { onAccepted, onNoWorker } = events;
  const producer = `import at ${hostname()}`.slice(0, longestProducer);
  const ground: BatchGround = {
    ...{ importId, keysOf: options.importId, db, queue, insist, dryRun, producer, onAccepted, onNoWorker },
    ...{ signal: stop, cancelled: failure.signal },
  };
  const batches = makeBatches(options.rows, {
    rowsInBatch: options.rowsInChunk ?? usualRowsInChunk,
    rowsPerSecond: options.rowsPerSecond,
    signal: stop,
  });
  if (dryRun) await insist(() => forgetClaims(db, importId, { signal: stop }));
  // The first row that claims a name in a dry run keeps it: only one chunk at a time is judged in the order of lines.
  await runLanes(dryRun ? 1 : (options.concurrency ?? usualConcurrency), batches, {
    run: async (batch) => events.onOutcome(await runBatch(ground, batch)),
    onFailure: () => failure.abort(),
  });
  if (dryRun) await insist(() => forgetClaims(db, importId, { signal: stop }));
}
