import { bucketCount, bucketOf } from './latency-buckets.ts';

/** What is counted by the second. */
export type ActivityKind = 'call' | 'queue_wait' | 'transaction' | 'hash';

/** What one process did in one second, of one kind and name. */
export interface Activity {
  /** Unix time in seconds. */
  readonly second: number;
  readonly kind: ActivityKind;
  /** Of a call, its outcome; otherwise empty. */
  readonly name: string;
  readonly count: number;
  readonly sum_ms: number;
  readonly max_ms: number;
  /** Counts by `latency-buckets.ts`. */
  readonly buckets: readonly number[];
}

interface Sum {
  count: number;
  sum_ms: number;
  max_ms: number;
  readonly buckets: number[];
}

const msPerSecond = 1000;

/** Sums up what happens by the second, in memory that does not grow with the number of calls, until it is taken. */
export function createRollup() {
  let sums = new Map<string, Omit<Activity, keyof Sum> & Sum>();

  return {
    /** Counts one thing that took so long and ended at this Unix time in ms. */
    add(kind: ActivityKind, name: string, { ms, at }: { readonly ms: number; readonly at: number }): void {
      const second = Math.floor(at / msPerSecond);
      const key = `${second} ${kind} ${name}`;
      let sum = sums.get(key);
      if (!sum) {
        sum = { second, kind, name, count: 0, sum_ms: 0, max_ms: 0, buckets: Array<number>(bucketCount).fill(0) };
        sums.set(key, sum);
      }
      const place = bucketOf(ms);
      sum.count += 1;
      sum.sum_ms += ms;
      sum.max_ms = Math.max(sum.max_ms, ms);
      sum.buckets[place] = (sum.buckets[place] ?? 0) + 1;
    },
    /** Gives the sums of the seconds that are over and forgets them; with `Infinity`, those of all seconds. */
    takeBefore(second: number): readonly Activity[] {
      const taken = [...sums.values()].filter((sum) => sum.second < second);
      sums = new Map([...sums].filter(([, sum]) => sum.second >= second));
      return taken;
    },
  };
}
