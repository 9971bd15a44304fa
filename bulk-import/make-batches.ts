import { setTimeout as sleep } from 'node:timers/promises';
import type { FailedRow, ReadyRow } from './make-row.ts';

/** Rows that go through the queue together, and those among them that failed before. */
export interface Batch {
  /** Counts from 1. */
  readonly number: number;
  readonly ready: readonly ReadyRow[];
  readonly failed: readonly FailedRow[];
}

/** Rows with large values, such as style sheets, travel in smaller chunks. */
const maxBatchCharacters = 2_000_000;

/** A chunk is not made to last longer than this when rows are held back. */
const paceSeconds = 1;

function sizeOf({ row }: ReadyRow): number {
  return Object.values(row.params).reduce((sum: number, value) => sum + String(value).length, 0);
}

/** Waits so that no more than so many rows a second go on, on average since the start. */
function createPace(rowsPerSecond: number | undefined, signal: AbortSignal) {
  let freeAt = performance.now();
  return async function pace(rows: number): Promise<void> {
    if (rowsPerSecond === undefined) return;
    const now = performance.now();
    const waitMs = freeAt - now;
    freeAt = Math.max(freeAt, now) + (rows / rowsPerSecond) * 1000;
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => {});
  };
}

/** The same items until the signal comes, also while the next one is waited for. */
async function* untilAborted<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  let end = () => {};
  signal.addEventListener('abort', () => end(), { once: true });
  while (!signal.aborted) {
    const next = await new Promise<IteratorResult<T> | undefined>((resolve, reject) => {
      end = () => resolve(undefined);
      iterator.next().then(resolve, reject);
    });
    if (next === undefined || next.done) break;
    yield next.value;
  }
  // Whoever waits for standard input would wait for ever for this.
  void iterator.return?.().catch(() => {});
}

/**
 * Gathers rows into batches, and makes the next one only when it is asked for. Ends early when the signal comes; the rows
 * that were gathered by then are left out.
 */
export async function* makeBatches(
  rows: AsyncIterable<ReadyRow | FailedRow>,
  options: {
    readonly rowsInBatch: number;
    readonly rowsPerSecond?: number | undefined;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<Batch> {
  const { rowsPerSecond, signal } = options;
  const pace = createPace(rowsPerSecond, signal);
  const most = Math.max(1, Math.min(options.rowsInBatch, Math.floor((rowsPerSecond ?? Infinity) * paceSeconds)));
  let number = 1;
  let ready: ReadyRow[] = [];
  let failed: FailedRow[] = [];
  let size = 0;

  function take(): Batch {
    const batch = { number, ready, failed };
    number += 1;
    [ready, failed, size] = [[], [], 0];
    return batch;
  }

  for await (const row of untilAborted(rows, signal)) {
    if ('row' in row) {
      ready.push(row);
      size += sizeOf(row);
    } else failed.push(row);
    if (ready.length + failed.length < most && size < maxBatchCharacters) continue;
    await pace(ready.length);
    if (signal.aborted) return;
    yield take();
  }
  if (signal.aborted || ready.length + failed.length === 0) return;
  await pace(ready.length);
  if (!signal.aborted) yield take();
}
