import { requireImportId } from '../bulk-import/import-id.ts';
import { ImportProblem } from '../bulk-import/import-problem.ts';
import { importRows } from '../bulk-import/import-rows.ts';
import { createRowMaker, type FailedRow, type ReadyRow } from '../bulk-import/make-row.ts';
import { loadSettings, readSettings } from '../runtime/config.ts';
import { createCloser } from '../runtime/shutdown.ts';
import { maxRowsInChunk } from '../schemas/import-job.ts';
import { openImportGround } from './import/open-import-ground.ts';
import { maxConcurrency, maxRowsPerSecond } from './import/read-flags.ts';
import { awaySentence, backSentence, noWorkerSentence } from './import/tell.ts';

/** Parameters of createCustomer by name, with i_wholesaler for the parent, or web_password_hash instead of web_password. */
export type CustomerParams = Readonly<Record<string, unknown>>;

export interface EnqueueOptions {
  /** 1 to 48 letters, digits, dots, hyphens or underscores. The same id with the same customers goes on with an import. */
  readonly importId: string;
  /** DATABASE_URL, SECRET_KEYS, REDIS_URL and so on. By default those of the environment. */
  readonly settings?: Readonly<Record<string, string | undefined>>;
  /** A name beside the parameters whose value is the idempotency key of a customer. By default its position makes the key. */
  readonly keyName?: string;
  /** Check everything, create nothing. */
  readonly dryRun?: boolean;
  /** Customers in a chunk (250), chunks in the queue at a time (8), and the most customers a second. */
  readonly rowsInChunk?: number;
  readonly concurrency?: number;
  readonly rowsPerSecond?: number;
  /** Ends the import: what is in the queue is waited for, and the next call goes on. */
  readonly signal?: AbortSignal;
  /** Each customer that was created, by this call or by one before. `position` counts from 1. */
  readonly onCreated?: (created: { position: number; name: string; i_customer: number }) => void | Promise<void>;
  /** Each that was not; `text` has every problem, one a line. */
  readonly onFailed?: (failed: { position: number; code: number; text: string }) => void | Promise<void>;
  /** A sentence for people: something is away, or no worker is there. */
  readonly onNotice?: (sentence: string) => void;
}

export interface EnqueueResult {
  readonly created: number;
  readonly failed: number;
}

type Customers = Iterable<CustomerParams> | AsyncIterable<CustomerParams>;

async function* toRows(customers: Customers, keyColumn: string | undefined): AsyncGenerator<ReadyRow | FailedRow> {
  const mapping = { map: new Map(), set: new Map(), ignore: new Set<string>(), keyColumn };
  const makeRow = createRowMaker({ mapping, isCsv: false });
  let line = 0;
  for await (const values of customers) {
    line += 1;
    const isObject: boolean = typeof values === 'object' && values !== null && !Array.isArray(values);
    yield makeRow(isObject ? { line, values } : { line, values: {}, problem: 'The customer is no object' });
  }
}

/** What these options may be; they are whole numbers. */
const ranges = { rowsInChunk: maxRowsInChunk, concurrency: maxConcurrency, rowsPerSecond: maxRowsPerSecond } as const;

/** @throws ImportProblem when a number is none, or out of range: no row would be created, or a worker would refuse all */
function requirePace(options: EnqueueOptions): void {
  for (const [name, most] of Object.entries(ranges)) {
    const value = options[name as keyof typeof ranges];
    if (value === undefined || (Number.isInteger(value) && value >= 1 && value <= most)) continue;
    throw new ImportProblem(`${name} must be a whole number from 1 to ${most}, not ${value}.`);
  }
}

/**
 * Creates customers through the queue of imports, in chunks and with a bounded number of them in the queue, and resolves when
 * all are created or have failed. Each is created once: a call that was cut off is made again with the same id and the same
 * customers in the same order, or with keys. Waits while the queue or the database is away.
 * @throws Error whose message says what has to change when the import cannot begin or go on; an Error called `Interrupted` when
 *   the signal came and something was away
 */
export async function enqueueImport(customers: Customers, options: EnqueueOptions): Promise<EnqueueResult> {
  const { keyName, settings, onCreated, onFailed, onNotice = () => {}, signal, ...pace } = options;
  const importId = requireImportId(options.importId);
  requirePace(options);
  const closer = createCloser();
  const totals = { created: 0, failed: 0 };
  let isToldOfNoWorker = false;
  try {
    const ground = await openImportGround(settings === undefined ? loadSettings() : readSettings(settings), closer);
    await importRows({
      ...pace,
      ...{ importId, rows: toRows(customers, keyName), db: ground.db, queue: ground.queue },
      signal: signal ?? new AbortController().signal,
      events: {
        onAccepted() {},
        async onOutcome({ created, passed, failed }) {
          for (const { line, name, i_customer } of created) await onCreated?.({ position: line, name, i_customer });
          for (const { line, code, text } of failed) await onFailed?.({ position: line, code, text });
          totals.created += created.length + passed;
          totals.failed += failed.length;
        },
        onAway: (what, error) => onNotice(awaySentence(what, error)),
        onBack: (what) => onNotice(backSentence(what)),
        async onNoWorker() {
          if ((await ground.startOwnWorker()) || isToldOfNoWorker) return;
          onNotice(noWorkerSentence);
          isToldOfNoWorker = true;
        },
      },
    });
  } finally {
    await closer.closeAll();
  }
  return totals;
}
