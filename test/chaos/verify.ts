import { readFileSync } from 'node:fs';
import type { Database } from '../../db/connect.ts';
import type { Cast, Front } from './cast.ts';
import { groupBy } from './group-by.ts';
import { type Call, isDefinite } from './load.ts';

/** What the database says against one call. */
export interface Verdict {
  /** Its key has more than one customer. */
  readonly doubled: boolean;
  /** The acknowledged id is not there, or has another name or another key; or it was never acknowledged at all. */
  readonly lost: boolean;
  /** An attempt that was promised to have created nothing has created a customer. */
  readonly denied: boolean;
  /** A customer was created after the deadline of the attempt that created it. */
  readonly late: boolean;
}

export interface Findings {
  readonly verdicts: ReadonlyMap<Call, Verdict>;
  /** Customers without exactly one audit row and one opening entry with their balance, or of no call. */
  readonly unmatched: number;
}

interface Row {
  readonly i_customer: number;
  readonly name: string;
  readonly request_id: string;
  /** Unix time in ms at which its transaction began. */
  readonly createdAt: number;
  readonly isWhole: boolean;
}

const customerRows = `
  SELECT i_customer, name, audits.request_id, CAST(extract(epoch FROM created_at) * 1000 AS double precision) AS "createdAt",
    coalesce(audits.count = 1 AND entries.count = 1 AND entries.sum = balance, false) AS "isWhole"
  FROM customers
  LEFT JOIN (
    SELECT i_customer, count(*), min(request_id) AS request_id FROM audit_log GROUP BY i_customer
  ) AS audits USING (i_customer)
  LEFT JOIN (
    SELECT i_customer, count(*), sum(amount) FROM balance_entries GROUP BY i_customer
  ) AS entries USING (i_customer)
  WHERE i_customer > 1`;

async function readRows(db: Database): Promise<ReadonlyMap<string, readonly Row[]>> {
  const { rows } = await db.raw<{ rows: readonly Row[] }>(customerRows);
  return groupBy(rows, ({ name }) => name);
}

async function readKeys(db: Database): Promise<ReadonlyMap<string, number>> {
  const rows = await db('idempotency_keys').select<{ key: string; i_customer: number }[]>('key', 'i_customer');
  return new Map(rows.map(({ key, i_customer }) => [key, i_customer]));
}

function readJournal({ journal, waitTimeoutMs }: Front): readonly (readonly [string, number])[] {
  const lines = readFileSync(journal, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [requestId = '', checkedAt] = line.split(' ');
    return [requestId, Number(checkedAt) + waitTimeoutMs];
  });
}

interface Evidence {
  readonly rows: readonly Row[];
  /** The customer of its key. */
  readonly keyed: number | undefined;
  /** The deadline of each attempt by its request id, Unix time in ms. */
  readonly deadlines: ReadonlyMap<string, number>;
}

function isLost({ end }: Call, { rows, keyed }: Evidence): boolean {
  if (end === undefined) return true;
  if (typeof end !== 'object' || 'fault' in end) return false;
  return keyed !== end.i_customer || !rows.some(({ i_customer }) => i_customer === end.i_customer);
}

function judge(call: Call, evidence: Evidence): Verdict {
  const { rows, deadlines } = evidence;
  const denials = new Set(call.attempts.filter(isDefinite).map(({ requestId }) => requestId));
  return {
    doubled: rows.length > 1,
    lost: isLost(call, evidence),
    denied: rows.some(({ request_id }) => call.end === 'given up' || denials.has(request_id)),
    late: rows.some(({ createdAt, request_id }) => createdAt >= (deadlines.get(request_id) ?? 0)),
  };
}

/** Judges every call by the database alone, which must be at rest. */
export async function verify(cast: Cast, calls: readonly Call[]): Promise<Findings> {
  const db = cast.openDatabase();
  try {
    const byName = await readRows(db);
    const keys = await readKeys(db);
    const deadlines = new Map(cast.fronts.flatMap(readJournal));
    const verdicts = new Map<Call, Verdict>();
    for (const call of calls) {
      const evidence = { rows: byName.get(call.name) ?? [], keyed: keys.get(call.key), deadlines };
      verdicts.set(call, judge(call, evidence));
    }
    const names = new Set(calls.map(({ name }) => name));
    const rows = [...byName.values()].flat();
    return { verdicts, unmatched: rows.filter(({ name, isWhole }) => !isWhole || !names.has(name)).length };
  } finally {
    await db.destroy();
  }
}
