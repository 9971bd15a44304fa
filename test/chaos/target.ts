import type { Cut, Link } from './link.ts';
import { signal } from './process-state.ts';

/** What can happen to a process: it dies and is started again, it stands still for a while, it is cut off for a while. */
export type Fault = 'kill' | 'freeze' | 'cut';

export const faultKinds: readonly Fault[] = ['kill', 'freeze', 'cut'];

export type TargetKind = 'api' | 'worker' | 'redis' | 'postgres';

/** Something that faults happen to. */
export interface Target {
  readonly kind: TargetKind;
  readonly name: string;
  /** All its processes, to be frozen together. */
  pids(): readonly number[];
  /** Every line between it and the others. */
  readonly links: readonly Link[];
  /** Ends it at once, as the kernel does when memory runs out. */
  kill(): Promise<void>;
  /** Resolves when it runs again after a kill. */
  revive(): Promise<void>;
}

/** Begins a fault; the function returned ends it, and resolves when everything is as before. */
export async function beginFault(target: Target, fault: Fault, manner: Cut): Promise<() => Promise<void>> {
  if (fault === 'kill') {
    await target.kill();
    return () => target.revive();
  }
  if (fault === 'freeze') {
    const pids = target.pids();
    for (const pid of pids) signal(pid, 'SIGSTOP');
    return async () => {
      for (const pid of pids) signal(pid, 'SIGCONT');
    };
  }
  for (const link of target.links) link.cut(manner);
  return async () => {
    for (const link of target.links) await link.mend();
  };
}
