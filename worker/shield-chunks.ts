import { type Chunk, internalChunkError } from '../queue/import-queue.ts';
import type { Logger } from '../runtime/logger.ts';
import type { ChunkResult } from '../schemas/import-job.ts';
import { StillFailing } from './retry.ts';

/**
 * Keeps from whoever reads the queue what only the log may hold: texts of errors that nobody foresaw have SQL and names of
 * the schema in them. The job of such a chunk fails with fixed words; its producer may add it again.
 * @throws StillFailing as it comes, an Error with fixed words in the place of any other
 */
export function shieldChunks(
  importChunk: (chunk: Chunk) => Promise<ChunkResult>,
  log: Logger,
): (chunk: Chunk) => Promise<ChunkResult> {
  return async function importShielded(chunk) {
    try {
      return await importChunk(chunk);
    } catch (error) {
      const isOutage = error instanceof StillFailing;
      const entry = { err: error, import_id: chunk.import_id, chunk: chunk.chunk };
      log[isOutage ? 'warn' : 'error'](entry, 'chunk failed');
      throw isOutage ? error : new Error(internalChunkError);
    }
  };
}
