import { Ajv, type ValidateFunction } from 'ajv';
import type { FromSchema } from 'json-schema-to-ts';
import { idempotencyKeyPattern } from './jobs.ts';
import { maxInteger } from './member-kinds.ts';

/** A chunk holds at most so many rows: what is inserted in one statement. */
export const maxRowsInChunk = 1000;

/** Shorter than a request id, for the request id of a row is this and the line. */
export const importIdPattern = '^[A-Za-z0-9._-]{1,48}$';

const row = {
  type: 'object',
  additionalProperties: false,
  required: ['line', 'params'],
  properties: {
    line: { type: 'integer', minimum: 1, maximum: maxInteger, description: 'Where the row stands in its source' },
    key: {
      type: 'string',
      pattern: idempotencyKeyPattern,
      description:
        'Idempotency key, scoped to the parent; by default import_id and line, so that a row is created once',
    },
    params: {
      type: 'object',
      description:
        'Parameters of createCustomer; i_wholesaler names the parent (default: 1, root). Instead of web_password, ' +
        'web_password_hash may be given: a PHC string of Argon2id, bcrypt or scrypt',
    },
  },
} as const;

/**
 * The job that imports a chunk of customers: what travels from a bulk producer to a worker. Its producer acts as a trusted
 * host. Secrets travel in `sealed`; a foreign producer that cannot seal puts them into `params` in clear, and the worker
 * seals them as soon as it takes the job. What is wrong with a row is its own failure, and never its neighbours'.
 */
export const importChunkJobSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'import-chunk-job',
  title: 'Job: import a chunk of customers',
  type: 'object',
  additionalProperties: false,
  required: ['version', 'import_id', 'chunk', 'rows'],
  properties: {
    version: { const: 1, description: 'Version of this contract' },
    import_id: { type: 'string', pattern: importIdPattern, description: 'All chunks of one import have the same' },
    chunk: { type: 'integer', minimum: 1, maximum: maxInteger, description: 'Number of the chunk in its import' },
    rows: { type: 'array', minItems: 1, maxItems: maxRowsInChunk, items: row },
    sealed: { type: 'string', description: 'The secret parameters of all rows, by line, sealed with SECRET_KEYS' },
    producer: {
      type: 'string',
      maxLength: 64,
      description: 'Who imports, for the audit log: an address or a host name',
    },
    dry_run: { type: 'boolean', description: 'Check everything, keep nothing' },
  },
} as const;

export type ImportChunkJob = FromSchema<typeof importChunkJobSchema>;

export type ImportRow = ImportChunkJob['rows'][number];

/** The idempotency key of a row that names none. */
export function importKey(importId: string, line: number): string {
  return `import:${importId}:${line}`;
}

/** What became of a chunk; the rows themselves are in the database. */
export interface ChunkResult {
  readonly created: number;
  readonly failed: number;
}

/** Compiles the check of a chunk's envelope. The parameters of its rows are checked one by one. */
export function createImportChunkCheck(): ValidateFunction<ImportChunkJob> {
  const ajv = new Ajv({ allErrors: false, strictRequired: false });
  return ajv.compile<ImportChunkJob>(importChunkJobSchema);
}
