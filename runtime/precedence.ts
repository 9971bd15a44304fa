import { createCalm } from './calm.ts';

/** Lets urgent work go before other work of the same process. */
export interface Precedence {
  /** Does urgent work. */
  hold<T>(run: () => Promise<T>): Promise<T>;
  /** Resolves once no urgent work is under way, or after the longest wait: other work is slowed, and never stopped. */
  giveWay(): Promise<void>;
  /** True when nothing has been urgent for a while: other work may take what it likes. */
  isCalm(): boolean;
}

/** Work that comes at least so often is expected to come again. */
const calmAfterMs = 1000;

/** Makes the precedence of some work over other; whoever gives way waits no longer than `longestWaitMs` each time. */
export function createPrecedence(longestWaitMs: number): Precedence {
  const calm = createCalm();
  let urgent = 0;
  let urgentAt = Number.NEGATIVE_INFINITY;

  function leave(): void {
    urgent -= 1;
    urgentAt = performance.now();
    if (urgent === 0) calm.tell();
  }

  return {
    async hold(run) {
      urgent += 1;
      try {
        return await run();
      } finally {
        leave();
      }
    },
    isCalm: () => urgent === 0 && performance.now() - urgentAt > calmAfterMs,
    giveWay: () => (urgent === 0 ? Promise.resolve() : calm.wait(longestWaitMs)),
  };
}
