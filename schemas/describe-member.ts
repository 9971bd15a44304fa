import { createCustomerSchema } from './create-customer.ts';

interface MemberSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: string | number | boolean | null;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly 'x-says'?: string;
}

/** A member of createCustomer in words for people. What there is none of is empty. */
export interface MemberDescription {
  readonly name: string;
  /** In XML-RPC's words. */
  readonly type: string;
  readonly limits: string;
  readonly isMandatory: boolean;
  readonly fallback: string;
  readonly description: string;
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
  if (schema.maxLength === undefined) return range(schema) || (schema['x-says'] ?? '').replace(/^must be /, '');
  return `${schema.minLength ?? 0} to ${schema.maxLength} characters`;
}

function fallback({ default: value }: MemberSchema): string {
  if (value === undefined) return '';
  return value === null ? 'nil' : `${value}`;
}

function describe(name: string, schema: MemberSchema): MemberDescription {
  return {
    name,
    type: [schema.type ?? []]
      .flat()
      .map((word) => typeWords[word])
      .join(' or '),
    limits: limits(schema),
    isMandatory: (createCustomerSchema.required as readonly string[]).includes(name),
    fallback: fallback(schema),
    description: schema.description ?? '',
  };
}

/** Every member of createCustomer in the order of the schema, from which all of it is read. */
export function describeMembers(): readonly MemberDescription[] {
  return Object.entries<MemberSchema>(createCustomerSchema.properties).map(([name, schema]) => describe(name, schema));
}
