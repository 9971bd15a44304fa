import type { SummedActivity } from '../db/activity.ts';
import { percentileMs } from '../runtime/latency-buckets.ts';
import type { ActivityKind } from '../runtime/rollup.ts';

const ok = 'OK';

/** What happened in one step of time, as the overview draws it. */
export interface Point {
  /** Unix time in seconds at which the step begins. */
  readonly t: number;
  /** Calls by outcome. */
  readonly calls: Readonly<Record<string, number>>;
  /** Latency of the calls that were answered OK, in ms; absent when there was none. */
  readonly p50?: number | undefined;
  readonly p99?: number | undefined;
  readonly hashes: number;
  /** Time spent in hashes, of all together. */
  readonly hashMs: number;
}

/** The same of a whole span of time, and what it takes to judge it. */
export interface Recent extends Omit<Point, 't'> {
  readonly seconds: number;
  readonly wait99?: number | undefined;
  readonly transaction99?: number | undefined;
}

function ofKind(rows: readonly SummedActivity[], kind: ActivityKind): readonly SummedActivity[] {
  return rows.filter((row) => row.kind === kind);
}

function total(rows: readonly SummedActivity[], what: 'count' | 'sum_ms'): number {
  return rows.reduce((sum, row) => sum + row[what], 0);
}

function percentile(rows: readonly SummedActivity[], share: number): number | undefined {
  const [first, ...rest] = rows.map(({ buckets }) => buckets);
  const merged = rest.reduce((sum, buckets) => sum.map((count, place) => count + (buckets[place] ?? 0)), first ?? []);
  return percentileMs(merged, share);
}

function byOutcome(calls: readonly SummedActivity[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { name, count } of calls) counts[name] = (counts[name] ?? 0) + count;
  return counts;
}

function sum(rows: readonly SummedActivity[]): Omit<Point, 't'> {
  const calls = ofKind(rows, 'call');
  const answered = calls.filter(({ name }) => name === ok);
  const hashes = ofKind(rows, 'hash');
  return {
    calls: byOutcome(calls),
    p50: percentile(answered, 0.5),
    p99: percentile(answered, 0.99),
    hashes: total(hashes, 'count'),
    hashMs: total(hashes, 'sum_ms'),
  };
}

/** One point for each step in which something happened, in order of time. */
export function toPoints(rows: readonly SummedActivity[]): readonly Point[] {
  const steps = new Map<number, SummedActivity[]>();
  for (const row of rows) steps.set(row.second, [...(steps.get(row.second) ?? []), row]);
  return [...steps].map(([t, step]) => ({ t, ...sum(step) })).sort((a, b) => a.t - b.t);
}

/** Everything together that happened from a Unix time in seconds on. */
export function toRecent(
  rows: readonly SummedActivity[],
  { since, seconds }: { readonly since: number; readonly seconds: number },
): Recent {
  const recent = rows.filter(({ second }) => second >= since);
  return {
    seconds,
    ...sum(recent),
    wait99: percentile(ofKind(recent, 'queue_wait'), 0.99),
    transaction99: percentile(ofKind(recent, 'transaction'), 0.99),
  };
}
