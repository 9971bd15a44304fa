import type { Submitter } from '../queue/submit.ts';
import type { ParamsHashes } from '../runtime/params-hash.ts';
import { faults, type Problem, toFault } from '../schemas/faults.ts';
import type { Outcome } from '../schemas/jobs.ts';
import { createParameterCheck } from '../schemas/validate.ts';
import type { Caller } from './authenticate.ts';
import { describeCreateCustomer } from './describe-method.ts';
import type { Method, MethodCall, MethodResult } from './method.ts';

function toResult(outcome: Outcome): MethodResult {
  if (!outcome.ok) return { fault: outcome.fault };
  if ('dry_run' in outcome) return { value: { result: 'OK', dry_run: true } };
  const value = { result: 'OK', i_customer: outcome.i_customer };
  return outcome.replayed ? { value, headers: { 'Idempotency-Replayed': 'true' } } : { value };
}

function refused(problems: readonly [Problem, ...Problem[]]): MethodResult {
  return { fault: toFault(problems) };
}

/** The parent of the new customer: the caller, or in trusted mode the customer that the call names. */
function findParent(caller: Caller, named: number | undefined): number | Problem {
  if (caller.mode === 'trusted') return named ?? faults.required('i_wholesaler');
  if (named === undefined || named === caller.i_customer) return caller.i_customer;
  return faults.permissionDenied(`i_wholesaler must be your own id, ${caller.i_customer}, or absent`);
}

/**
 * Makes the front's side of createCustomer: validate, submit, and await the outcome. It writes nothing itself.
 */
export function createCustomerMethod(options: {
  readonly submit: Submitter['submit'];
  readonly hashParams: (params: Readonly<Record<string, unknown>>) => ParamsHashes;
}): Method {
  const check = createParameterCheck();

  async function run({ params, caller, requestId, options: asked }: MethodCall): Promise<MethodResult> {
    const [struct, ...others] = params;
    if (struct?.kind !== 'struct' || others.length > 0) {
      return refused([faults.wrongValue('params', 'createCustomer takes exactly one struct')]);
    }
    const checked = check(struct.members);
    if (!checked.ok) return refused(checked.problems);
    const { i_wholesaler: named, ...customer } = checked.params;
    const parent = findParent(caller, named);
    if (typeof parent !== 'number') return refused([parent]);
    const outcome = await options.submit({
      request_id: requestId,
      i_wholesaler: parent,
      caller,
      params: customer,
      paramsHashes: options.hashParams(customer),
      ...(asked.idempotencyKey === undefined ? {} : { idempotency_key: asked.idempotencyKey }),
      ...(asked.dryRun ? { dry_run: true } : {}),
    });
    return toResult(outcome);
  }

  return { signatures: [['struct', 'struct']], help: describeCreateCustomer(), run };
}
