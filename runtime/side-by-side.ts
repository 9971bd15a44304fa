/** Runs a function over all items, so many at a time, and keeps their order. Rejects with the first that fails. */
export async function mapSideBySide<T, R>(
  lanes: number,
  items: readonly T[],
  run: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  async function lane(): Promise<void> {
    for (const [index, item] of queue) results[index] = await run(item, index);
  }
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}
