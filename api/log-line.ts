import type { CallRecord } from '../db/call-journal.ts';
import type { Caller } from './authenticate.ts';

/** What the log says of a call, in one line: who, what came of it, and after how many ms it reached which step. */
export function logLine(record: CallRecord, caller: Caller | undefined): Readonly<Record<string, unknown>> {
  const { receivedAt } = record;
  const after = (time: number | undefined) => (time === undefined ? undefined : time - receivedAt);
  return {
    request_id: record.requestId,
    job_id: record.jobId,
    mode: record.mode,
    i_caller: caller?.mode === 'customer' ? caller.i_customer : undefined,
    address: record.address,
    i_wholesaler: record.i_wholesaler,
    i_customer: record.i_customer,
    outcome: record.outcome,
    ...(record.replayed ? { replayed: true } : {}),
    ...(record.dryRun ? { dry_run: true } : {}),
    queued_ms: after(record.queuedAt),
    taken_ms: after(record.takenAt),
    committed_ms: after(record.committedAt),
    ms: after(record.answeredAt),
  };
}
