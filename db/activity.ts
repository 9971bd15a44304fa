import type { Activity } from '../runtime/rollup.ts';
import type { Database } from './connect.ts';

const insertActivity = `
  INSERT INTO activity (second, process, kind, name, count, sum_ms, max_ms, buckets)
  SELECT to_timestamp(second), :process, kind, name, count, sum_ms, max_ms,
    ARRAY(SELECT CAST(value AS integer) FROM jsonb_array_elements_text(buckets) WITH ORDINALITY AS b (value, place) ORDER BY place)
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row (
    second double precision, kind text, name text, count integer, sum_ms double precision, max_ms double precision,
    buckets jsonb)
  ON CONFLICT (second, process, kind, name) DO NOTHING`;

/** Notes what a process did in some seconds. Each second is noted once. */
export async function writeActivity(db: Database, process: string, rows: readonly Activity[]): Promise<void> {
  if (rows.length === 0) return;
  await db.raw(insertActivity, { process, rows: JSON.stringify(rows) });
}

/** What all processes together did in one step of time. `second` is its beginning. */
export type SummedActivity = Omit<Activity, 'max_ms'>;

/** Sums the processes, and the seconds of each step, place by place of the buckets. */
const sumActivity = `
  WITH steps AS (
    SELECT floor(extract(epoch FROM second) / :step) * :step AS second, kind, name, count, sum_ms, buckets
    FROM activity WHERE second >= to_timestamp(:since)
  ), places AS (
    SELECT second, kind, name, place, sum(bucket) AS bucket
    FROM steps, unnest(buckets) WITH ORDINALITY AS b (bucket, place) GROUP BY second, kind, name, place
  ), histograms AS (
    SELECT second, kind, name, array_agg(CAST(bucket AS integer) ORDER BY place) AS buckets
    FROM places GROUP BY second, kind, name
  ), sums AS (
    SELECT second, kind, name, CAST(sum(count) AS integer) AS count, sum(sum_ms) AS sum_ms
    FROM steps GROUP BY second, kind, name
  )
  SELECT CAST(second AS double precision) AS second, kind, name, count, sum_ms, buckets
  FROM sums JOIN histograms USING (second, kind, name) ORDER BY second`;

/**
 * What happened since a Unix time in seconds, in steps of so many seconds, of all processes together. A process writes a
 * second when it is over, so that the last two are not complete.
 */
export async function readActivity(
  db: Database,
  { since, step }: { readonly since: number; readonly step: number },
): Promise<readonly SummedActivity[]> {
  const { rows } = await db.raw(sumActivity, { since, step });
  return rows;
}
