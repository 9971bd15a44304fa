import { createCustomerSchema } from './create-customer.ts';
import { importChunkJobSchema } from './import-job.ts';
import { createCustomerJobSchema } from './jobs.ts';

/** The schemas as JSON text, for programs in other languages. The files of these names are copies of them. */
export const printedSchemas = {
  'create-customer.json': JSON.stringify(createCustomerSchema, undefined, 2),
  'create-customer-job.json': JSON.stringify(createCustomerJobSchema, undefined, 2),
  'import-chunk-job.json': JSON.stringify(importChunkJobSchema, undefined, 2),
} as const;
