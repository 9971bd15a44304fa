import type { Knex } from 'knex';
import type { Database } from './connect.ts';
import { readPages } from './pages.ts';

/** Which rows are wanted; what is not given does not narrow. */
export interface AuditFilter {
  readonly i_customer?: number | undefined;
  readonly requestId?: string | undefined;
  /** From this time on. */
  readonly since?: Date | undefined;
  /** Before this time. */
  readonly until?: Date | undefined;
  /** The newest so many. */
  readonly limit?: number | undefined;
}

/** A row of the audit log, with the names of the customers in it. */
export interface AuditRow {
  readonly i_audit: number;
  readonly time: Date;
  readonly action: string;
  readonly i_customer: number;
  readonly name: string;
  readonly mode: 'customer' | 'trusted';
  readonly i_caller: number | null;
  readonly caller: string | null;
  readonly address: string;
  readonly request_id: string;
  readonly params: Readonly<Record<string, unknown>>;
}

const pageRows = 500;

function matching(db: Database, filter: AuditFilter): Knex.QueryBuilder {
  const { i_customer, requestId, since, until } = filter;
  const query = db('audit_log');
  if (i_customer !== undefined) query.where('audit_log.i_customer', i_customer);
  if (requestId !== undefined) query.where('audit_log.request_id', requestId);
  if (since !== undefined) query.where('audit_log.created_at', '>=', since);
  if (until !== undefined) query.where('audit_log.created_at', '<', until);
  return query;
}

/** The ids of the first and the last row that match; undefined when none does. */
async function findEnds(db: Database, filter: AuditFilter): Promise<readonly [number, number] | undefined> {
  const { limit } = filter;
  const newest = matching(db, filter).modify((query) => {
    if (limit !== undefined) query.select('i_audit').orderBy('i_audit', 'desc').limit(limit);
  });
  const rows: Knex.QueryBuilder = limit === undefined ? newest : db.from(newest.as('newest'));
  const ends = await rows.first(db.raw('min(i_audit) AS first, max(i_audit) AS last'));
  return ends.first === null ? undefined : [Number(ends.first), Number(ends.last)];
}

/**
 * Reads the audit log page by page, in the order in which its rows were written, the newest last. Rows that come in meanwhile
 * are left to the next time.
 */
export async function* readAuditLog(db: Database, filter: AuditFilter): AsyncGenerator<readonly AuditRow[]> {
  const ends = await findEnds(db, filter);
  if (!ends) return;
  const [first, last] = ends;
  const pages = readPages<AuditRow>(pageRows, (after) =>
    matching(db, filter)
      .join('customers', 'customers.i_customer', 'audit_log.i_customer')
      .leftJoin('customers as callers', 'callers.i_customer', 'audit_log.i_caller')
      .where('audit_log.i_audit', '>', after?.i_audit ?? first - 1)
      .where('audit_log.i_audit', '<=', last)
      .orderBy('audit_log.i_audit')
      .limit(pageRows)
      .select(
        ...['audit_log.i_audit', 'audit_log.created_at as time', 'audit_log.action', 'audit_log.i_customer'],
        ...['customers.name', 'audit_log.mode', 'audit_log.i_caller', 'callers.name as caller'],
        ...['audit_log.address', 'audit_log.request_id', 'audit_log.params'],
      ),
  );
  for await (const page of pages) yield page.map((row) => ({ ...row, i_audit: Number(row.i_audit) }));
}
