import type { BatchOutcome } from '../../bulk-import/read-outcome.ts';

/** How far an import is, in rows. */
export interface Progress {
  readonly read: number;
  /** In the queue, or beyond it. */
  readonly accepted: number;
  /** By this run or by one before; in a dry run, those with which nothing is wrong. */
  readonly created: number;
  /** Those of them that runs before have created. */
  readonly createdBefore: number;
  readonly failed: number;
  readonly seconds: number;
  readonly rowsPerSecond: number;
  /** Undefined while nobody knows. */
  readonly secondsLeft: number | undefined;
}

/** The speed is that of so long: chunks of passwords take seconds each to hash. */
const windowMs = 30_000;

/** Counts rows. `total` is how many there are, if that is known. */
export function createProgress(total: number | undefined, now: () => number = () => performance.now()) {
  const startedAt = now();
  const counts = { read: 0, accepted: 0, created: 0, createdBefore: 0, failed: 0 };
  const samples = [{ at: startedAt, done: 0 }];

  function speed(): number {
    const at = now();
    const done = counts.created + counts.failed;
    samples.push({ at, done });
    while ((samples[1]?.at ?? at) < at - windowMs) samples.shift();
    const [oldest = { at, done }] = samples;
    return at > oldest.at ? ((done - oldest.done) / (at - oldest.at)) * 1000 : 0;
  }

  return {
    readOne(): void {
      counts.read += 1;
    },
    accept(rows: number): void {
      counts.accepted += rows;
    },
    end({ created, passed, failed }: BatchOutcome): void {
      const sinceStartMs = now() - startedAt;
      counts.created += created.length + passed;
      counts.createdBefore += created.filter(({ ageMs }) => ageMs > sinceStartMs).length;
      counts.failed += failed.length;
    },
    failed: () => counts.failed,
    /** Everything that was counted, over the whole time. */
    sum(): Progress {
      const seconds = (now() - startedAt) / 1000;
      const done = counts.created + counts.failed;
      return { ...counts, seconds, rowsPerSecond: seconds > 0 ? done / seconds : 0, secondsLeft: undefined };
    },
    /** Looks at it: how far, and how fast of late. */
    look(): Progress {
      const rowsPerSecond = speed();
      const left = total === undefined ? undefined : total - counts.created - counts.failed;
      const secondsLeft = left === undefined || rowsPerSecond === 0 ? undefined : left / rowsPerSecond;
      return { ...counts, seconds: (now() - startedAt) / 1000, rowsPerSecond, secondsLeft };
    },
  };
}

export type ProgressCount = ReturnType<typeof createProgress>;
