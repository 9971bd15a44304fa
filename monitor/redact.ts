import { createCustomerSchema, secretMembers } from '../schemas/create-customer.ts';
import { importChunkJobSchema } from '../schemas/import-job.ts';
import { createCustomerJobSchema } from '../schemas/jobs.ts';

/** Stands in the place of what is not shown. */
export const hidden = '(hidden)';

const secrets: readonly string[] = [...secretMembers, 'web_password_hash', 'sealed'];

/** Shown are the names that the contract knows, but for its secrets. What else a producer sends may be anything. */
const shown = new Set([
  ...Object.keys(createCustomerSchema.properties),
  ...Object.keys(createCustomerJobSchema.properties),
  ...Object.keys(createCustomerJobSchema.properties.caller.properties),
  ...Object.keys(importChunkJobSchema.properties),
  ...Object.keys(importChunkJobSchema.properties.rows.items.properties),
  ...['ok', 'i_customer', 'replayed', 'fault', 'code', 'text', 'created', 'failed'],
]);
for (const name of secrets) shown.delete(name);

/** Shorter texts are found everywhere, and no password policy allows them. */
const shortestSecret = 4;

/** Redacts what a job carries: every value under a name that is a secret, or that the contract does not know. */
function redactData(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactData);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => (shown.has(name) ? [name, redactData(inner)] : [name, hidden])),
  );
}

/** Like `redactData`, for what should be an object: a bare text or number may itself be a secret. */
export function redactJobData(data: unknown): unknown {
  return typeof data === 'object' || data === undefined ? redactData(data) : hidden;
}

function textsWithin(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsWithin);
}

/** Every text in a job's data that `redactJobData` hides. */
export function secretsOf(data: unknown): readonly string[] {
  if (typeof data === 'string') return [data];
  if (typeof data !== 'object' || data === null) return [];
  const found = Array.isArray(data)
    ? data.flatMap(secretsOf)
    : Object.entries(data).flatMap(([name, inner]) => (shown.has(name) ? nested(inner) : textsWithin(inner)));
  return found.filter((text) => text.length >= shortestSecret);
}

function nested(value: unknown): readonly string[] {
  return typeof value === 'string' ? [] : secretsOf(value);
}

/** Takes these texts out of every text in a value, wherever it stands. */
export function withoutTexts(value: unknown, texts: readonly string[]): unknown {
  if (typeof value === 'string') return texts.reduce((text, secret) => text.replaceAll(secret, hidden), value);
  if (Array.isArray(value)) return value.map((inner) => withoutTexts(inner, texts));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutTexts(inner, texts)]));
}
