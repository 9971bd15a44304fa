/** Lets callers wait until it is calm, each for no longer than it wants to. */
export function createCalm() {
  const waiting = new Set<() => void>();
  return {
    /** Resolves when it is calm next, or after the longest wait. */
    wait(longestWaitMs: number): Promise<void> {
      return new Promise((resolve) => {
        function go(): void {
          clearTimeout(timer);
          waiting.delete(go);
          resolve();
        }
        const timer = setTimeout(go, longestWaitMs);
        waiting.add(go);
      });
    },
    /** Says that it is calm now. */
    tell(): void {
      for (const go of waiting) go();
    },
  };
}
