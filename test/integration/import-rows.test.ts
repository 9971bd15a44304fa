import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ImportProblem } from '../../bulk-import/import-problem.ts';
import { type ImportEvents, importRows } from '../../bulk-import/import-rows.ts';
import { Interrupted } from '../../bulk-import/insist.ts';
import type { FailedRow, ReadyRow } from '../../bulk-import/make-row.ts';
import { finishChunk } from '../../db/imports.ts';
import { QueueUnavailable } from '../../queue/backend.ts';
import type { Chunk, ImportProducer } from '../../queue/import-queue.ts';
import { createTestImporter, rowOf } from '../services/chunk-importer.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';

let names = 0;

async function* goodRows(count: number): AsyncGenerator<ReadyRow | FailedRow> {
  names += 1;
  for (let line = 1; line <= count; line += 1) {
    const params = rowOf(`Rows ${names} ${line}`);
    yield { row: { line, params }, record: { line, values: params } };
  }
}

describe('Importing rows', () => {
  let database: TestDatabase;
  let importChunk: ReturnType<typeof createTestImporter>;

  beforeAll(async () => {
    database = await createTestDatabase();
    importChunk = createTestImporter(database.db);
  });

  afterAll(() => database.drop());

  /** A queue that gives each chunk to a worker at once, but for what a test changes. */
  function openQueue(change: Partial<ImportProducer> = {}) {
    const added: Chunk[] = [];
    const queue: ImportProducer = {
      async add(chunk) {
        added.push(chunk);
        await importChunk(chunk);
        return `job-${added.length}`;
      },
      state: async () => ({ state: 'finished', result: { created: 0, failed: 0 } }),
      workerCount: async () => 1,
      close: async () => {},
      ...change,
    };
    return { queue, added };
  }

  /** Imports, and tells what was told. */
  async function run(
    queue: ImportProducer,
    more: Partial<Parameters<typeof importRows>[0]> = {},
    events: Partial<ImportEvents> = {},
  ) {
    const told = { accepted: 0, created: 0, failed: 0, events: [] as string[] };
    const importId = `rows-${names}-${Math.random().toString(36).slice(2)}`;
    const importing = importRows({
      ...{ importId, rows: goodRows(10), db: database.db, queue, rowsInChunk: 3, signal: new AbortController().signal },
      events: {
        onAccepted: (rows) => {
          told.accepted += rows;
        },
        onOutcome: ({ created, failed }) => {
          told.created += created.length;
          told.failed += failed.length;
        },
        onAway: (what) => told.events.push(`${what} away`),
        onBack: (what) => told.events.push(`${what} back`),
        onNoWorker: () => {},
        ...events,
      },
      ...more,
    });
    const error: unknown = await importing.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return { ...told, error };
  }

  test('When everything goes well, then all rows are told of, once', async () => {
    const { queue, added } = openQueue();
    expect(await run(queue)).toEqual({ accepted: 10, created: 10, failed: 0, events: [], error: undefined });
    expect(added.map(({ chunk, rows }) => [chunk, rows.length]).sort()).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
      [4, 1],
    ]);
  });

  test('When many rows come, then no more chunks wait in the queue than are allowed, and no more rows are read', async () => {
    let [waiting, most, read] = [0, 0, 0];
    async function* counted() {
      for await (const row of goodRows(200)) {
        read += 1;
        yield row;
      }
    }
    const { queue } = openQueue({
      async add(chunk) {
        waiting += 1;
        most = Math.max(most, waiting);
        expect(read).toBeLessThanOrEqual((chunk.chunk + 2) * 10);
        await importChunk(chunk);
        waiting -= 1;
        return 'job';
      },
    });
    expect(await run(queue, { rows: counted(), rowsInChunk: 10, concurrency: 2 })).toMatchObject({ created: 200 });
    expect(most).toBeLessThanOrEqual(2);
  });

  test('When a job is lost, or an earlier run has left a chunk of the same number, then it is added again', async () => {
    const jobs: string[] = [];
    const { queue } = openQueue({
      async add(chunk) {
        jobs.push(`${chunk.chunk}`);
        const { import_id, chunk: number } = chunk;
        if (jobs.length === 2)
          await finishChunk(database.db, { import_id, chunk: number, dry_run: false, created: 9, failures: [] });
        if (jobs.length > 2) await importChunk(chunk);
        return 'job';
      },
      state: async () => ({ state: 'unknown' }),
    });
    expect(await run(queue, { rowsInChunk: 10 })).toMatchObject({ accepted: 10, created: 10, error: undefined });
    expect(jobs).toEqual(['1', '1', '1']);
  });

  test('When a worker refuses a chunk, then it ends at once with the reason', async () => {
    const reason = 'The job does not follow its schema\njob/rows/0/params must be object';
    const { queue } = openQueue({ add: async () => 'job', state: async () => ({ state: 'failed', reason }) });
    const { error } = await run(queue, { rowsInChunk: 10 });
    expect(error).toBeInstanceOf(ImportProblem);
    expect(String(error)).toContain(
      'A worker refuses the chunk of lines 1 to 10: The job does not follow its schema; job/rows',
    );
  });

  test('When workers fail at a chunk again and again, then it ends with the reason', async () => {
    let added = 0;
    const { queue } = openQueue({
      add: async () => `job-${++added}`,
      state: async () => ({ state: 'failed', reason: 'out of order' }),
    });
    const { error } = await run(queue, { rowsInChunk: 10 });
    expect(String(error)).toContain(
      'Workers failed 5 times at the chunk of lines 1 to 10: out of order. The log of the worker',
    );
    expect(added).toBe(5);
  });

  test('When the queue is away, then it says so once, waits, and goes on', async () => {
    let calls = 0;
    const { queue } = openQueue();
    const shaky: ImportProducer = {
      ...queue,
      add: (chunk) => {
        calls += 1;
        return calls < 9 ? Promise.reject(new QueueUnavailable(true, new Error('gone'))) : queue.add(chunk);
      },
    };
    const { events, created, error } = await run(shaky);
    expect({ events, created, error }).toEqual({ events: ['queue away', 'queue back'], created: 10, error: undefined });
  });

  test('When it is to end while the queue is away, then it does not wait', async () => {
    const stop = new AbortController();
    const { queue } = openQueue({ add: () => Promise.reject(new QueueUnavailable(false, new Error('gone'))) });
    const { error } = await run(queue, { signal: stop.signal }, { onAway: () => stop.abort() });
    expect(error).toBeInstanceOf(Interrupted);
  });

  test('When it is to end while no worker is there, then it does not wait', async () => {
    const stop = new AbortController();
    const { queue } = openQueue({
      add: async () => 'job',
      state: async () => ({ state: 'unfinished' }),
      workerCount: async () => 0,
    });
    const { error } = await run(queue, { signal: stop.signal }, { onNoWorker: () => stop.abort() });
    expect(error).toBeInstanceOf(Interrupted);
  });

  test('When one chunk is interrupted while others are waited for, then the interruption is told, and no other error', async () => {
    const stop = new AbortController();
    const last = 'job-4';
    const { queue } = openQueue({
      add: async ({ chunk }) => `job-${chunk}`,
      state: async (jobId) => {
        if (jobId !== last) return { state: 'unfinished' };
        stop.abort();
        throw new QueueUnavailable(false, new Error('gone'));
      },
    });
    const { error } = await run(queue, { signal: stop.signal });
    expect(error).toBeInstanceOf(Interrupted);
  });

  test('When it is to end, then what is in the queue is waited for, also when the source never says another word', async () => {
    const stop = new AbortController();
    async function* stuck() {
      yield* goodRows(6);
      await new Promise(() => {});
    }
    const { queue } = openQueue();
    const { created, error } = await run(
      queue,
      { rows: stuck(), signal: stop.signal },
      {
        onAccepted: () => stop.abort(),
      },
    );
    expect(error).toBe(undefined);
    expect(created % 3).toBe(0);
    expect(created).toBeGreaterThan(0);
  });

  test('When what became of rows cannot be told, then it ends with that reason', async () => {
    const { queue } = openQueue();
    const full = new ImportProblem('the disk is full');
    expect(await run(queue, {}, { onOutcome: () => Promise.reject(full) })).toMatchObject({ error: full });
  });

  test('When the source fails, then it ends with that reason, and what is in the queue is not waited for', async () => {
    async function* broken() {
      yield* goodRows(3);
      throw new ImportProblem('line 4 is odd');
    }
    expect(String((await run(openQueue().queue, { rows: broken() })).error)).toContain('line 4 is odd');
  });
});
