import { describeMembers, type MemberDescription } from '../schemas/describe-member.ts';
import { faultTable } from '../schemas/faults.ts';

function describeMember({ name, type, limits, isMandatory, fallback, description }: MemberDescription): string {
  const missing = fallback === '' ? '' : `default ${fallback}`;
  const facts = [type, limits, isMandatory ? 'mandatory' : missing].filter(Boolean);
  return `  ${name} (${facts.join('; ')}): ${description}.`;
}

/**
 * The help of createCustomer, generated from the schema and the fault table, so that it is complete and never out of
 * date: every member with type, limits and default, the result, and every fault.
 */
export function describeCreateCustomer(): string {
  return [
    'createCustomer(struct) creates a customer below the caller, or in trusted mode below i_wholesaler.',
    '',
    'Members of the struct:',
    ...describeMembers().map(describeMember),
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
