import type { Database } from './connect.ts';

/** A call's identity: its key, in the scope of the parent. */
export interface CallKey {
  readonly i_wholesaler: number;
  readonly key: string;
}

/** What a key created. */
export interface KeyRow extends CallKey {
  readonly i_customer: number;
  readonly paramsHash: string;
  /** Time since it was created, by the clock of the database. */
  readonly ageMs: number;
}

const findRows = `
  SELECT found.i_wholesaler, found.key, i_customer, params_hash AS "paramsHash",
    CAST(extract(epoch FROM clock_timestamp() - created_at) * 1000 AS double precision) AS "ageMs"
  FROM (
    SELECT DISTINCT * FROM unnest(CAST(? AS integer[]), CAST(? AS text[])) AS given (i_wholesaler, key)
  ) AS asked
  CROSS JOIN LATERAL (
    SELECT * FROM idempotency_keys AS used WHERE used.i_wholesaler = asked.i_wholesaler AND used.key = asked.key OFFSET 0
  ) AS found`;

/** The rows of those keys that have created a customer: the truth about calls whose reply was lost. */
export async function findKeyRows(db: Database, keys: readonly CallKey[]): Promise<readonly KeyRow[]> {
  if (keys.length === 0) return [];
  const { rows } = await db.raw(findRows, [keys.map(({ i_wholesaler }) => i_wholesaler), keys.map(({ key }) => key)]);
  return rows;
}
