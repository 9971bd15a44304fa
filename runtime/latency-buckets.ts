/**
 * Upper bounds of the buckets that durations are counted in, in milliseconds; one more bucket holds what is longer. Fine
 * enough that a percentile read from them is off by two fifths at the most. Append-only: stored counts refer to their places.
 */
export const bucketBoundsMs = [
  1, 2, 3, 4, 5, 7, 10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 320, 448, 640, 896, 1280, 1792, 2560, 3584, 5120, 7168,
  10_240, 14_336, 20_480, 28_672, 40_960,
] as const;

/** How many buckets there are. */
export const bucketCount = bucketBoundsMs.length + 1;

/** The place of the bucket that a duration is counted in. */
export function bucketOf(ms: number): number {
  const place = bucketBoundsMs.findIndex((bound) => ms <= bound);
  return place === -1 ? bucketBoundsMs.length : place;
}

/**
 * Reads a percentile from counts by bucket, in milliseconds, as if the durations of a bucket were spread evenly in it. What
 * is longer than the last bound counts as that bound. Undefined when nothing was counted.
 * @param share 0.5 for the median
 */
export function percentileMs(counts: readonly number[], share: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let left = total * share;
  for (const [place, count] of counts.entries()) {
    if (count > 0 && left <= count) {
      const low = bucketBoundsMs[place - 1] ?? 0;
      const high = bucketBoundsMs[place] ?? low;
      return low + (high - low) * (left / count);
    }
    left -= count;
  }
  return bucketBoundsMs.at(-1);
}
