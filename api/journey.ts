import type { CallRecord } from '../db/call-journal.ts';
import type { Note } from '../queue/submit.ts';
import type { CreateCustomerParams } from '../schemas/create-customer.ts';
import type { Outcome } from '../schemas/jobs.ts';
import type { Caller } from './authenticate.ts';
import type { CallOptions } from './call-options.ts';

type Named = Partial<Pick<CreateCustomerParams, 'name' | 'web_login'>>;

/** A call once its form was judged: who is to be created, and below whom. */
interface Judged {
  readonly parent: number | undefined;
  readonly params?: Named;
  readonly sound?: Named;
}

/** What is noted of an outcome: never more than the first line of a fault. */
function outcomeOf(outcome: Outcome): Pick<CallRecord, 'outcome' | 'faultText' | 'i_customer' | 'replayed' | 'dryRun'> {
  if (!outcome.ok) return { outcome: `${outcome.fault.code}`, faultText: outcome.fault.text.split('\n')[0] };
  if ('dry_run' in outcome) return { outcome: 'OK' };
  return { outcome: 'OK', i_customer: outcome.i_customer, replayed: outcome.replayed };
}

/** Follows one call through its life, for the journal, the log and the metrics. It knows names, and no secret. */
export function beginJourney(call: {
  readonly caller: Caller;
  readonly requestId: string;
  readonly receivedAt: number;
  readonly options: CallOptions;
}) {
  const { caller, requestId, receivedAt, options } = call;
  let judged: Judged | undefined;
  const known: Parameters<Note>[0] = {};

  return {
    /** Notes what the call turned out to be. */
    is(call: Judged): void {
      judged = call;
    },
    /** Notes where the call is. */
    note(more: Parameters<Note>[0]): void {
      Object.assign(known, more);
    },
    /** The whole life of the call, which is answered now. */
    end(outcome: Outcome): CallRecord {
      const { name, web_login } = judged?.params ?? judged?.sound ?? {};
      return {
        requestId,
        jobId: known.jobId,
        i_wholesaler: judged?.parent,
        mode: caller.mode,
        address: caller.address,
        name,
        web_login,
        idempotencyKey: options.idempotencyKey,
        dryRun: options.dryRun,
        ...outcomeOf(outcome),
        receivedAt,
        queuedAt: known.queued,
        takenAt: known.taken,
        committedAt: known.committed,
        answeredAt: Date.now(),
      };
    },
  };
}

export type Journey = ReturnType<typeof beginJourney>;
