import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../db/connect.ts';
import { type DoneChunk, findDoneChunks, forgetChunks } from '../db/imports.ts';
import { type Chunk, type ImportProducer, internalChunkError, refusedChunk } from '../queue/import-queue.ts';
import { type ImportRow, importKey } from '../schemas/import-job.ts';
import { ImportProblem } from './import-problem.ts';
import { createPauses, type Insist, Interrupted } from './insist.ts';
import type { Batch } from './make-batches.ts';
import { type BatchOutcome, readOutcome } from './read-outcome.ts';

const pollMs = 40;

/** The queue is asked this often about a job of which the database says nothing. */
const askQueueMs = 1000;

/** A chunk that fails this often is given up: its worker says why. */
const mostFailures = 5;

/** What the runs of all batches share. */
export interface BatchGround {
  readonly importId: string;
  /** The import whose keys the rows have: a dry run has those of the import that it rehearses. */
  readonly keysOf: string;
  readonly db: Database;
  readonly queue: ImportProducer;
  readonly insist: Insist;
  readonly dryRun: boolean;
  /** Stands in the audit log. */
  readonly producer: string;
  /** Comes when nothing new is to begin. What is under way goes on, unless something is away. */
  readonly signal: AbortSignal;
  /** Comes when nobody waits for anything any more. */
  readonly cancelled: AbortSignal;
  readonly onAccepted: (rows: number) => void;
  /** Called again and again while no worker is there. */
  readonly onNoWorker: () => void | Promise<void>;
}

type End = { readonly done: DoneChunk } | { readonly failed: string } | { readonly lost: true };

/** What the queue says of a job of which the database says nothing yet; undefined while it waits or runs. */
async function askQueue({ queue, insist, signal, onNoWorker }: BatchGround, jobId: string): Promise<End | undefined> {
  const job = await insist(() => queue.state(jobId));
  if (job.state === 'failed') return { failed: job.reason };
  if (job.state === 'unknown') return { lost: true };
  if (job.state === 'unfinished' && (await insist(() => queue.workerCount())) === 0) {
    if (signal.aborted) throw new Interrupted('No worker was there');
    await onNoWorker();
  }
  return undefined;
}

/**
 * Waits until a job has ended. What became of its rows stands in the database; while the queue says that the job goes on, it
 * is what an earlier run of the same chunk has left.
 */
async function waitForEnd(ground: BatchGround, chunk: number, jobId: string): Promise<End> {
  const { db, queue, importId, insist, cancelled } = ground;
  for (let askedAt = Date.now(); ; ) {
    await sleep(pollMs, undefined, { signal: cancelled });
    const [done] = await insist(() => findDoneChunks(db, importId, [chunk]));
    if (done && (await insist(() => queue.state(jobId))).state !== 'unfinished') return { done };
    if (Date.now() - askedAt < askQueueMs) continue;
    askedAt = Date.now();
    const end = await askQueue(ground, jobId);
    if (end === undefined) continue;
    // It may have ended between the two questions.
    const [late] = await insist(() => findDoneChunks(db, importId, [chunk]));
    return late ? { done: late } : end;
  }
}

function lines(rows: readonly ImportRow[]): string {
  return `lines ${rows[0]?.line} to ${rows.at(-1)?.line}`;
}

function giveUp(rows: readonly ImportRow[], reason: string): ImportProblem {
  const isRefused = reason.startsWith(refusedChunk);
  const why = isRefused ? 'A worker refuses' : `Workers failed ${mostFailures} times at`;
  const how = isRefused || reason === internalChunkError ? '' : ' The log of the worker has the rest.';
  return new ImportProblem(`${why} the chunk of ${lines(rows)}: ${reason.split('\n').join('; ')}.${how}`);
}

/** Adds the chunk to the queue and waits until its job has ended. */
async function runOnce(ground: BatchGround, chunk: Chunk, onAdded: () => void): Promise<End> {
  const { db, queue, importId, insist } = ground;
  await insist(() => forgetChunks(db, importId, [chunk.chunk]));
  const jobId = await insist(() => queue.add(chunk));
  onAdded();
  return waitForEnd(ground, chunk.chunk, jobId);
}

function toChunk({ importId, keysOf, producer, dryRun }: BatchGround, { number, ready }: Batch): Chunk {
  const rows = ready.map(({ row }) => ({ ...row, key: row.key ?? importKey(keysOf, row.line) }));
  return { import_id: importId, chunk: number, rows, producer, ...(dryRun ? { dry_run: true } : {}) };
}

/** Counts the failures of a chunk, and gives it up when no worker can do it. */
function createPatience(rows: readonly ImportRow[]) {
  let failures = 0;
  return function fail(reason: string): void {
    failures += 1;
    if (failures === mostFailures || reason.startsWith(refusedChunk)) throw giveUp(rows, reason);
  };
}

/** Calls a function once, however often it is asked to. */
function once(run: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) run();
    isDone = true;
  };
}

/**
 * Takes a batch through the queue, as often as it takes: a job that was lost or failed is added again, with growing pauses.
 * @throws ImportProblem when no worker can do it, Interrupted when the import ends before
 */
export async function runBatch(ground: BatchGround, batch: Batch): Promise<BatchOutcome> {
  if (batch.ready.length === 0) return { created: [], passed: 0, failed: batch.failed };
  const chunk = toChunk(ground, batch);
  const pause = createPauses(ground.signal);
  const fail = createPatience(chunk.rows);
  const onAdded = once(() => ground.onAccepted(chunk.rows.length));
  for (;;) {
    const end = await runOnce(ground, chunk, onAdded);
    const outcome = 'done' in end ? await readOutcome(ground, batch, end.done) : undefined;
    if (outcome) return outcome;
    if ('failed' in end) fail(end.failed);
    if ('done' in end) fail('The database does not know what became of all rows');
    if (ground.signal.aborted) throw new Interrupted('The chunk must be added again');
    await pause();
  }
}
