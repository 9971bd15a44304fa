import type { Logger } from '../runtime/logger.ts';
import type { Database } from './connect.ts';

/** The life of one call. Times are Unix times in ms, each by the clock of the process that was there. It holds no secret. */
export interface CallRecord {
  readonly requestId: string;
  readonly jobId?: string | undefined;
  /** The parent that the new customer was to have. */
  readonly i_wholesaler?: number | undefined;
  /** How the caller was let in, */
  readonly mode?: 'customer' | 'trusted' | undefined;
  /** and from where. */
  readonly address?: string | undefined;
  readonly name?: string | undefined;
  readonly web_login?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  /** The customer that was created, or found again. */
  readonly i_customer?: number | undefined;
  /** `OK`, or the code of the fault. */
  readonly outcome: string;
  /** The first line of the fault. */
  readonly faultText?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly replayed?: boolean | undefined;
  readonly receivedAt: number;
  readonly queuedAt?: number | undefined;
  readonly takenAt?: number | undefined;
  readonly committedAt?: number | undefined;
  readonly answeredAt: number;
}

const flushEveryMs = 500;

/** What comes while the database is away is kept up to this size, a few megabytes; beyond it, calls are not noted. */
const maxWaiting = 10_000;

const insertCalls = `
  INSERT INTO calls (request_id, job_id, i_wholesaler, mode, address, name, web_login, idempotency_key, i_customer, outcome,
    fault_text, dry_run, replayed, received_at, queued_at, taken_at, committed_at, answered_at)
  SELECT "requestId", "jobId", i_wholesaler, mode, address, name, web_login, "idempotencyKey", i_customer, outcome,
    "faultText", coalesce("dryRun", false), coalesce(replayed, false), to_timestamp("receivedAt" / 1000),
    to_timestamp("queuedAt" / 1000), to_timestamp("takenAt" / 1000), to_timestamp("committedAt" / 1000),
    to_timestamp("answeredAt" / 1000)
  FROM jsonb_to_recordset(CAST(? AS jsonb)) AS call (
    "requestId" text, "jobId" text, i_wholesaler integer, mode text, address text, name text, web_login text,
    "idempotencyKey" text, i_customer integer, outcome text, "faultText" text, "dryRun" boolean, replayed boolean,
    "receivedAt" double precision, "queuedAt" double precision, "takenAt" double precision,
    "committedAt" double precision, "answeredAt" double precision)`;

/**
 * Opens the journal of calls, which the monitor reads. `add` costs a call nothing: the records are written together twice a
 * second, and what cannot be written is logged and dropped.
 */
export function openCallJournal(options: {
  readonly db: Database;
  readonly log: Logger;
  /** Is told how many records were dropped. */
  readonly onLoss: (count: number) => void;
}) {
  const { db, log, onLoss } = options;
  let waiting: CallRecord[] = [];
  let writing: Promise<void> | undefined;

  async function write(records: readonly CallRecord[]): Promise<void> {
    try {
      await db.raw(insertCalls, [JSON.stringify(records)]);
    } catch (error) {
      log.warn({ err: error, calls: records.length }, 'the journal of calls was not written');
      onLoss(records.length);
    }
  }

  function flush(): void {
    if (writing || waiting.length === 0) return;
    const records = waiting;
    waiting = [];
    writing = write(records).finally(() => {
      writing = undefined;
    });
  }

  const timer = setInterval(flush, flushEveryMs);
  return {
    add(record: CallRecord): void {
      if (waiting.length < maxWaiting) waiting.push(record);
      else onLoss(1);
    },
    /** Writes what is left. */
    async close(): Promise<void> {
      clearInterval(timer);
      await writing;
      flush();
      await writing;
    },
  };
}
