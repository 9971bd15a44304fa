import type { Database } from '../../db/connect.ts';
import type { Chunk } from '../../queue/import-queue.ts';
import { createParamsHasher } from '../../runtime/params-hash.ts';
import { createPrecedence } from '../../runtime/precedence.ts';
import { createSealer } from '../../runtime/seal.ts';
import type { ChunkResult } from '../../schemas/import-job.ts';
import { createChunkImporter } from '../../worker/import-chunk.ts';
import { createPasswordHasher } from '../../worker/passwords.ts';
import { cheapHashing, secretKeys } from './constants.ts';

/** The operation of a worker for imports, without its queue and with the cheapest hashing there is. */
export function createTestImporter(db: Database): (chunk: Chunk) => Promise<ChunkResult> {
  const keys = [Buffer.from(secretKeys, 'base64')];
  const cost = { memoryKib: Number(cheapHashing.ARGON2_MEMORY_KIB), timeCost: Number(cheapHashing.ARGON2_TIME_COST) };
  return createChunkImporter({
    db,
    sealer: createSealer(keys),
    realm: 'xmlapi',
    hashPassword: createPasswordHasher(cost),
    hashesAtATime: 2,
    hashParams: createParamsHasher(keys),
    precedence: createPrecedence(0),
  });
}

let imports = 0;

/** A chunk as a worker takes it, of an import of its own unless one is named; its lines count from 2, as in a file with a header. */
export function chunkOf(params: readonly Readonly<Record<string, unknown>>[], more: Partial<Chunk> = {}): Chunk {
  imports += 1;
  return {
    import_id: `import-${imports}`,
    chunk: 1,
    rows: params.map((row, index) => ({ line: index + 2, params: { ...row } })),
    ...more,
  };
}

/** Parameters of a row that can be created. */
export function rowOf(name: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { name, web_password: 'correct7horse', i_tariff: 1, ...more };
}
