import { Ajv, type ValidateFunction } from 'ajv';
import type { FromSchema } from 'json-schema-to-ts';
import type { Fault } from './faults.ts';
import { maxInteger } from './member-kinds.ts';

/** The pattern of a request id, in the header X-Request-Id and everywhere else. */
export const requestIdPattern = '^[A-Za-z0-9._-]{1,64}$';

/** The pattern of an idempotency key: visible ASCII. */
export const idempotencyKeyPattern = '^[\\u0021-\\u007e]{1,255}$';

/** The header `traceparent` of W3C Trace Context. */
const traceparentPattern = '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$';

const parent = { type: 'integer', minimum: 1, maximum: maxInteger } as const;

const caller = {
  type: 'object',
  additionalProperties: false,
  required: ['mode', 'address'],
  properties: {
    mode: { enum: ['customer', 'trusted'], description: 'How the caller was let in: by Digest, or by its address' },
    i_customer: { ...parent, description: 'Who authenticated, in mode customer' },
    address: { type: 'string', maxLength: 64, description: 'Where the call came from' },
  },
  if: { properties: { mode: { const: 'customer' } }, required: ['mode'] },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own keyword.
  then: { required: ['i_customer'] },
} as const;

/**
 * The job that creates one customer: what travels from a producer to a worker.
 *
 * Secrets travel in `sealed`, not in `params`. A foreign producer that cannot seal may put them into `params` in clear;
 * the worker seals them as soon as it takes the job. `params` are checked against the schema of createCustomer itself.
 */
export const createCustomerJobSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'create-customer-job',
  title: 'Job: create one customer',
  type: 'object',
  additionalProperties: false,
  required: ['version', 'request_id', 'i_wholesaler', 'caller', 'params'],
  properties: {
    version: { const: 1, description: 'Version of this contract' },
    request_id: { type: 'string', pattern: requestIdPattern, description: 'Stands in log, audit and fault' },
    i_wholesaler: { ...parent, description: 'i_customer of the parent' },
    caller,
    params: { type: 'object', description: 'Parameters of createCustomer in canonical form, without secrets' },
    sealed: { type: 'string', maxLength: 8192, description: 'The secret parameters, sealed with SECRET_KEYS' },
    idempotency_key: { type: 'string', pattern: idempotencyKeyPattern, description: 'Scoped to the parent' },
    deadline: { type: 'integer', minimum: 0, description: 'Unix time in ms after which no worker may start the job' },
    dry_run: { type: 'boolean', description: 'Check everything, keep nothing' },
    traceparent: { type: 'string', pattern: traceparentPattern, description: 'Trace that the job belongs to' },
    reply_to: { type: 'string', maxLength: 64, description: 'Replica that waits for the outcome' },
  },
} as const;

export type CreateCustomerJob = FromSchema<typeof createCustomerJobSchema>;

/** What became of a job. It is safe to show: it carries no secret. */
export type Outcome =
  | { readonly ok: true; readonly i_customer: number; readonly replayed: boolean }
  | { readonly ok: true; readonly dry_run: true }
  | { readonly ok: false; readonly fault: Fault };

/** Compiles the check of a job's envelope; its `params` are checked by `createParameterCheck`. */
export function createJobCheck(): ValidateFunction<CreateCustomerJob> {
  const ajv = new Ajv({ allErrors: true, strictRequired: false });
  return ajv.compile<CreateCustomerJob>(createCustomerJobSchema);
}
