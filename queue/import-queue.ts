import { randomUUID } from 'node:crypto';
import { UnrecoverableError } from 'bullmq';
import type { Logger } from '../runtime/logger.ts';
import { SealError, type Sealer } from '../runtime/seal.ts';
import { type ChunkResult, createImportChunkCheck, type ImportChunkJob } from '../schemas/import-job.ts';
import {
  type Backend,
  type JobQueue,
  type JobState,
  type JobWorker,
  type Kept,
  QueueUnavailable,
  type TakenJob,
} from './backend.ts';
import { hasSecrets, openRowSecrets, sealRowSecrets } from './secrets.ts';

/** The queue of imports. Single calls have a queue of their own, and never wait behind these. */
export const importQueueName = 'import-customers';

/** A chunk of an import, its secrets among the parameters of its rows. */
export type Chunk = Omit<ImportChunkJob, 'version' | 'sealed'>;

const contractVersion = 1;

/** A chunk is large, and what became of it stands in the database: a few are kept, for whoever looks at the queue. */
const keep: Kept = { finished: 100, failed: 100 };

/** How the reason of a job begins that does not follow the contract. */
export const refusedChunk = 'The job does not follow its schema';

/** The reason of a job that failed for what nobody foresaw. Its chunk may be put there again. */
export const internalChunkError = 'Internal error: the log of the worker has the rest';

/** The producing side of the queue of imports. */
export interface ImportProducer {
  /**
   * Puts a chunk into the queue, its secrets sealed, and gives the id of its job. The same chunk may be put there again.
   * @throws QueueUnavailable
   */
  add(chunk: Chunk): Promise<string>;
  /** @throws QueueUnavailable */
  state(jobId: string): Promise<JobState<ChunkResult>>;
  /** @throws QueueUnavailable */
  workerCount(): Promise<number>;
  close(): Promise<void>;
}

/** What the queue cannot carry, however often it is tried, is no outage. */
function refuseData(error: unknown): never {
  const { cause } = error as QueueUnavailable;
  const { code = '' } = (cause ?? {}) as { readonly code?: string };
  throw cause instanceof RangeError || /^22/.test(code) ? cause : error;
}

function unavailable(error: unknown): never {
  throw new QueueUnavailable(false, error);
}

/** Opens the producing side of the queue of imports. */
export function openImportProducer(backend: Backend, sealer: Sealer): ImportProducer {
  const queue: JobQueue<ImportChunkJob, ChunkResult> = backend.openQueue(importQueueName);
  return {
    async add(chunk) {
      const jobId = randomUUID();
      const { rows, sealed } = sealRowSecrets(sealer, jobId, chunk.rows);
      await queue.add(jobId, { version: contractVersion, ...chunk, rows: [...rows], sealed }).catch(refuseData);
      return jobId;
    },
    state: (jobId) => queue.state(jobId).catch(unavailable),
    workerCount: () => queue.workerCount().catch(unavailable),
    close: () => queue.close(),
  };
}

const sealedSays =
  'job/sealed cannot be opened: it was sealed with other SECRET_KEYS than the worker has, or for another job';

/** Secrets and failures are found by their line, so that one that stands there twice would mix up two customers. */
function findLineTwice({ rows }: ImportChunkJob): number | undefined {
  const lines = new Set<number>();
  return rows.find(({ line }) => lines.size === lines.add(line).size)?.line;
}

/**
 * Takes chunks from the queue of imports and gives them to `importChunk`. A job that does not follow the contract fails with
 * the reason, its data is dropped, for it may hold passwords, and the worker goes on. Secrets that a foreign producer sent
 * in clear are sealed first of all.
 */
export function consumeImports(options: {
  readonly backend: Backend;
  readonly sealer: Sealer;
  readonly concurrency: number;
  readonly log: Logger;
  readonly importChunk: (chunk: Chunk) => Promise<ChunkResult>;
}): JobWorker {
  const { backend, sealer, log, importChunk } = options;
  const isChunk = createImportChunkCheck();

  async function refuse(job: TakenJob, reasons: readonly string[]): Promise<never> {
    log.warn({ job_id: job.id, reasons }, 'import job refused: it does not follow the contract of jobs');
    await job.replaceData({});
    throw new UnrecoverableError([refusedChunk, ...reasons].join('\n'));
  }

  async function open(job: TakenJob, data: ImportChunkJob): Promise<Chunk> {
    const { version: _, sealed, ...chunk } = data;
    const rows = openSealed(job, data) ?? (await refuse(job, [sealedSays]));
    const isClear = data.rows.some(({ params }) => hasSecrets(params));
    if (isClear) await job.replaceData({ ...data, ...sealRowSecrets(sealer, job.id, rows) });
    return { ...chunk, rows: [...rows] };
  }

  function openSealed(job: TakenJob, data: ImportChunkJob) {
    try {
      return openRowSecrets(sealer, job.id, data);
    } catch (error) {
      if (error instanceof SealError) return undefined;
      throw error;
    }
  }

  return backend.openWorker(importQueueName, { concurrency: options.concurrency, keep }, async (job) => {
    const { data } = job;
    if (!isChunk(data)) {
      return refuse(
        job,
        (isChunk.errors ?? []).map((error) => `job${error.instancePath} ${error.message}`),
      );
    }
    const twice = findLineTwice(data);
    if (twice !== undefined) return refuse(job, [`job/rows must have different lines: ${twice} stands there twice`]);
    const result = await importChunk(await open(job, data));
    log.info({ import_id: data.import_id, chunk: data.chunk, ...result }, 'chunk');
    return result;
  });
}
