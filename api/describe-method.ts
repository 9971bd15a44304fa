import { createCustomerSchema } from '../schemas/create-customer.ts';
import { faultTable } from '../schemas/faults.ts';

interface MemberSchema {
  readonly type: string | readonly string[];
  readonly description: string;
  readonly default?: string | number | boolean | null;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** XML-RPC's words for the types of JSON Schema. */
const typeWords: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'int',
  number: 'double',
  boolean: 'boolean',
  null: 'nil',
};

function range(schema: MemberSchema): string {
  const low = schema.minimum ?? schema.exclusiveMinimum;
  const high = schema.maximum ?? schema.exclusiveMaximum;
  if (low === undefined && high === undefined) return '';
  const from = schema.minimum === undefined && low !== undefined ? `above ${low}` : `from ${low}`;
  const to = schema.maximum === undefined ? `below ${high}` : `to ${high}`;
  return [low === undefined ? '' : from, high === undefined ? '' : to].filter(Boolean).join(' ');
}

function limits(schema: MemberSchema): string {
  if (schema.maxLength === undefined) return range(schema);
  return `${schema.minLength ?? 0} to ${schema.maxLength} characters`;
}

function describeMember(name: string, schema: MemberSchema): string {
  const type = [schema.type]
    .flat()
    .map((word) => typeWords[word])
    .join(' or ');
  const required = (createCustomerSchema.required as readonly string[]).includes(name);
  const missing = schema.default === null ? 'default nil' : `default ${schema.default}`;
  const fallback = schema.default === undefined ? '' : missing;
  const facts = [type, limits(schema), required ? 'mandatory' : fallback].filter(Boolean);
  return `  ${name} (${facts.join('; ')}): ${schema.description}.`;
}

/**
 * The help of createCustomer, generated from the schema and the fault table, so that it is complete and never out of
 * date: every member with type, limits and default, the result, and every fault.
 */
export function describeCreateCustomer(): string {
  const members = Object.entries<MemberSchema>(createCustomerSchema.properties);
  return [
    'createCustomer(struct) creates a customer below the caller, or in trusted mode below i_wholesaler.',
    '',
    'Members of the struct:',
    ...members.map(([name, schema]) => describeMember(name, schema)),
    '',
    'Result, a struct: result (string) is OK; i_customer (int) is the id of the new customer.',
    '',
    'The HTTP header Idempotency-Key, or the query parameter idempotency_key, makes a call safe to repeat. The query',
    'parameter dry_run=1 checks everything and keeps nothing; then the result has dry_run (boolean) instead of an id.',
    '',
    'Faults; the text names every problem, one a line:',
    ...faultTable.map(({ code, begins, when }) => `  ${code}  ${begins}: ${when}.`),
  ].join('\n');
}
