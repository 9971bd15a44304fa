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

/** Names under which the contract has an object, or an array of objects. Under each other name that is shown, it has neither. */
const containers: readonly string[] = ['params', 'caller', 'rows', 'fault'];

/** Gives what stands in the place of a value that is hidden. */
type Hide = (value: unknown) => string;

/** A value where the contract has an object: what is none may be one that was encoded twice, with secrets in it. */
function redactContainer(value: unknown, hide: Hide): unknown {
  if (value === null) return null;
  if (typeof value !== 'object') return hide(value);
  if (Array.isArray(value)) return value.map((inner) => redactContainer(inner, hide));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, redactMember(name, inner, hide)]));
}

function redactMember(name: string, value: unknown, hide: Hide): unknown {
  if (!shown.has(name)) return hide(value);
  if (containers.includes(name)) return redactContainer(value, hide);
  return typeof value === 'object' && value !== null ? hide(value) : value;
}

/**
 * Redacts what a job carries: every value under a name that is a secret, or that the contract does not know, and every value
 * of another shape than the contract has there.
 */
export function redactJobData(data: unknown): unknown {
  return data === undefined ? undefined : redactContainer(data, () => hidden);
}

function textsWithin(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsWithin);
}

/** Every text in a job's data that `redactJobData` hides. */
export function secretsOf(data: unknown): readonly string[] {
  const found: string[] = [];
  redactContainer(data, (value) => {
    for (const text of textsWithin(value)) found.push(text);
    return hidden;
  });
  return found.filter((text) => text.length >= shortestSecret);
}

/** Takes these texts out of every text in a value, wherever it stands. */
export function withoutTexts(value: unknown, texts: readonly string[]): unknown {
  if (typeof value === 'string') return texts.reduce((text, secret) => text.replaceAll(secret, hidden), value);
  if (Array.isArray(value)) return value.map((inner) => withoutTexts(inner, texts));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutTexts(inner, texts)]));
}
