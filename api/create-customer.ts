import type { CallRecord } from '../db/call-journal.ts';
import type { ProblemFinder } from '../db/find-problems.ts';
import type { Note, Submitter } from '../queue/submit.ts';
import type { Logger } from '../runtime/logger.ts';
import type { ParamsHashes } from '../runtime/params-hash.ts';
import { reached } from '../runtime/steps.ts';
import type { CreateCustomerParams } from '../schemas/create-customer.ts';
import { faults, type Problem, toFault } from '../schemas/faults.ts';
import type { Outcome } from '../schemas/jobs.ts';
import { type Checked, createParameterCheck } from '../schemas/validate.ts';
import type { Caller } from './authenticate.ts';
import { describeCreateCustomer } from './describe-method.ts';
import { createExplainer } from './explain.ts';
import { beginJourney, type Journey } from './journey.ts';
import type { Method, MethodCall, MethodResult } from './method.ts';

function toResult(outcome: Outcome): MethodResult {
  if (!outcome.ok) return { fault: outcome.fault };
  if ('dry_run' in outcome) return { value: { result: 'OK', dry_run: true } };
  const value = { result: 'OK', i_customer: outcome.i_customer };
  return outcome.replayed ? { value, headers: { 'Idempotency-Replayed': 'true' } } : { value };
}

function refused(problems: readonly [Problem, ...Problem[]]): Outcome {
  return { ok: false, fault: toFault(problems) };
}

/** The parent of the new customer: the caller, or in trusted mode the customer that the call names, if it does. */
function parentOf(caller: Caller, named: number | undefined): number | undefined {
  return caller.mode === 'trusted' ? named : caller.i_customer;
}

/** What is wrong with the parent that the call names, or does not name. */
function scopeProblem(caller: Caller, named: number | undefined): Problem | undefined {
  if (caller.mode === 'trusted') return named === undefined ? faults.required('i_wholesaler') : undefined;
  if (named === undefined || named === caller.i_customer) return undefined;
  return faults.permissionDenied(`i_wholesaler must be your own id, ${caller.i_customer}, or absent`);
}

/** A call of the right form by somebody who may name this parent, or all that its form shows to be wrong. */
type Judged =
  | { readonly ok: true; readonly parent: number; readonly params: Omit<CreateCustomerParams, 'i_wholesaler'> }
  | (Extract<Checked, { ok: false }> & { readonly parent: number | undefined });

function judge(checked: Checked, caller: Caller): Judged {
  const sound = checked.ok ? checked.params : checked.sound;
  const parent = parentOf(caller, sound.i_wholesaler);
  const known = checked.ok ? [] : checked.problems;
  const isJudged = known.some(({ member }) => member === 'i_wholesaler');
  const wrongScope = isJudged ? undefined : scopeProblem(caller, sound.i_wholesaler);
  const [first, ...rest] = [...known, ...(wrongScope ? [wrongScope] : [])];
  if (first) return { ok: false, parent, problems: [first, ...rest], sound };
  if (!checked.ok || parent === undefined) throw new Error('A call was refused without a problem');
  // The parent stands beside the parameters.
  const params = { ...checked.params, i_wholesaler: undefined };
  return { ok: true, parent, params };
}

/**
 * Makes the front's side of createCustomer: validate, submit, and await the outcome. It writes nothing itself.
 */
export function createCustomerMethod(options: {
  readonly submit: Submitter['submit'];
  readonly hashParams: (params: Readonly<Record<string, unknown>>) => ParamsHashes;
  /** Finds what only the database knows of a call that is refused in any case. */
  readonly findAllProblems: ProblemFinder['findAll'];
  /** Is given the life of each call once its outcome is known. */
  readonly onAnswer: (record: CallRecord) => void;
  readonly log: Logger;
}): Method {
  const check = createParameterCheck();
  const explain = createExplainer(options.findAllProblems, options.log);

  function findOthers(judged: Extract<Judged, { ok: false }>, caller: Caller): Promise<readonly Problem[]> {
    return explain(judged.sound, { mode: caller.mode, i_wholesaler: judged.parent });
  }

  function submit(call: MethodCall, judged: Extract<Judged, { ok: true }>, note: Note): Promise<Outcome> {
    const { caller, requestId, options: asked } = call;
    const submission = {
      request_id: requestId,
      i_wholesaler: judged.parent,
      caller,
      params: judged.params,
      paramsHashes: () => options.hashParams(judged.params),
      ...(asked.idempotencyKey === undefined ? {} : { idempotency_key: asked.idempotencyKey }),
      ...(asked.dryRun ? { dry_run: true } : {}),
    };
    return options.submit(submission, note);
  }

  /** What the form of a call shows; undefined for one that is not even a struct. */
  function read({ params, caller }: MethodCall): Judged | undefined {
    const [struct, ...others] = params;
    return struct?.kind === 'struct' && others.length === 0 ? judge(check(struct.members), caller) : undefined;
  }

  async function findOutcome(call: MethodCall, judged: Judged | undefined, journey: Journey): Promise<Outcome> {
    if (!judged) return refused([faults.wrongValue('params', 'createCustomer takes exactly one struct')]);
    journey.is(judged);
    if (judged.ok) return submit(call, judged, journey.note);
    return refused([...judged.problems, ...(await findOthers(judged, call.caller))]);
  }

  async function run(call: MethodCall, judged: Judged | undefined): Promise<MethodResult> {
    reached('received', call.requestId);
    const journey = beginJourney(call);
    const outcome = await findOutcome(call, judged, journey);
    reached('answered', call.requestId);
    const record = journey.end(outcome);
    options.onAnswer(record);
    return { ...toResult(outcome), record };
  }

  function begin(call: MethodCall): () => Promise<MethodResult> {
    const judged = read(call);
    return () => run(call, judged);
  }

  return { signatures: [['struct', 'struct']], help: describeCreateCustomer(), begin };
}
