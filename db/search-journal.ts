import { maxInteger } from '../schemas/member-kinds.ts';
import type { Database } from './connect.ts';

/** A call of the journal. */
export interface JournalRow {
  readonly request_id: string;
  readonly job_id: string | null;
  readonly i_wholesaler: number | null;
  readonly mode: 'customer' | 'trusted' | null;
  readonly address: string | null;
  readonly name: string | null;
  readonly web_login: string | null;
  readonly idempotency_key: string | null;
  readonly i_customer: number | null;
  readonly outcome: string;
  readonly fault_text: string | null;
  readonly dry_run: boolean;
  readonly replayed: boolean;
  readonly received_at: Date;
  readonly queued_at: Date | null;
  readonly taken_at: Date | null;
  readonly committed_at: Date | null;
  readonly answered_at: Date;
}

/** A customer, with what the audit log says of its creation. */
export interface FoundCustomer {
  readonly i_customer: number;
  readonly name: string;
  readonly web_login: string | null;
  readonly i_wholesaler: number | null;
  readonly created_at: Date;
  readonly request_id: string | null;
  readonly mode: 'customer' | 'trusted' | null;
  readonly address: string | null;
}

const longestList = 50;

function toId(text: string): number {
  return /^[1-9]\d{0,9}$/.test(text) && Number(text) <= maxInteger ? Number(text) : 0;
}

/** The text as a prefix in a LIKE pattern. */
function prefix(text: string): string {
  return `${text.replace(/[\\%_]/g, '\\$&')}%`;
}

/** The newest calls of which this is true. */
function newestWhere(condition: string): string {
  return `(SELECT ctid FROM calls WHERE ${condition} ORDER BY received_at DESC LIMIT :limit)`;
}

/** Each way to find something has an index: one condition over all would read the whole table. */
const findCalls = `
  WITH named AS (
    SELECT i_customer FROM customers WHERE i_customer = :id OR name = :text OR web_login = :text
  ), found AS (
    ${newestWhere('request_id = :text')}
    UNION ${newestWhere('i_customer IN (SELECT i_customer FROM named)')}
    UNION ${newestWhere('name LIKE :prefix')}
    UNION ${newestWhere('web_login = :text')}
    UNION ${newestWhere('idempotency_key = :text')}
  )
  SELECT calls.* FROM calls WHERE ctid IN (SELECT ctid FROM found) ORDER BY received_at DESC LIMIT :limit`;

const findCustomers = `
  WITH found AS (
    SELECT i_customer FROM customers WHERE i_customer = :id OR name = :text OR web_login = :text
    UNION SELECT i_customer FROM audit_log WHERE request_id = :text
    UNION SELECT i_customer FROM calls WHERE idempotency_key = :text AND i_customer IS NOT NULL
  )
  SELECT i_customer, name, web_login, i_wholesaler, customers.created_at, request_id, mode, address
  FROM customers LEFT JOIN audit_log USING (i_customer)
  WHERE i_customer IN (SELECT i_customer FROM found) ORDER BY i_customer LIMIT :limit`;

/**
 * Finds calls by request id, idempotency key, id, name (or its beginning) or login, the newest first, and customers by any
 * of these but the beginning of a name. The journal of calls reaches back a week, customers for ever.
 */
export async function searchJournal(
  db: Database,
  text: string,
): Promise<{ readonly calls: readonly JournalRow[]; readonly customers: readonly FoundCustomer[] }> {
  const values = { text, id: toId(text), prefix: prefix(text), limit: longestList };
  const [calls, customers] = await Promise.all([db.raw(findCalls, values), db.raw(findCustomers, values)]);
  return { calls: calls.rows, customers: customers.rows };
}

/** The newest calls, the newest first. */
export async function readNewestCalls(db: Database, limit: number): Promise<readonly JournalRow[]> {
  return db('calls').orderBy('received_at', 'desc').limit(limit);
}

/** An import of which a chunk was done a little while ago. */
export interface RecentImport {
  readonly import_id: string;
  readonly dry_run: boolean;
  readonly chunks: number;
  readonly created: number;
  readonly failed: number;
  readonly last_at: Date;
}

const recentImports = `
  SELECT import_id, bool_or(dry_run) AS dry_run, CAST(count(*) AS integer) AS chunks, CAST(sum(created) AS integer) AS created,
    CAST(sum(failed) AS integer) AS failed, max(done_at) AS last_at
  FROM import_chunks
  WHERE import_id IN (SELECT import_id FROM import_chunks WHERE done_at > now() - interval '10 minutes')
  GROUP BY import_id ORDER BY last_at DESC LIMIT ?`;

/** The imports that did something within ten minutes, the latest first. */
export async function readRecentImports(db: Database, limit: number): Promise<readonly RecentImport[]> {
  const { rows } = await db.raw(recentImports, [limit]);
  return rows;
}

/** What can be said of the database itself. */
export interface DatabaseState {
  readonly version: string;
  readonly connections: number;
  readonly maxConnections: number;
  readonly sizeBytes: number;
  readonly customers: number;
}

const databaseState = `
  SELECT split_part(current_setting('server_version'), ' ', 1) AS version,
    (SELECT CAST(count(*) AS integer) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
    CAST(current_setting('max_connections') AS integer) AS "maxConnections",
    CAST(pg_database_size(current_database()) AS double precision) AS "sizeBytes",
    CAST(greatest((SELECT max(i_customer) FROM customers), 0) AS integer) AS customers`;

/** Asks the database how it is. `customers` is the highest id, for to count them would take long. */
export async function readDatabaseState(db: Database): Promise<DatabaseState> {
  const { rows } = await db.raw(databaseState);
  return rows[0];
}
