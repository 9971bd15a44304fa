import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Step, stepChannelName } from '../../runtime/steps.ts';
import { waitFor } from '../services/wait-for.ts';
import type { Link } from './link.ts';
import { isStopped } from './process-state.ts';
import type { Target } from './target.ts';

/** The program as it was built. */
export const builtProgram = resolve(import.meta.dirname, '../../dist/cli/createcustomer.cjs');

const preload = join(import.meta.dirname, 'at-step.mjs');

/** A supervisor that starts a process again waits a moment, so that one that cannot start does not take the machine. */
const restartDelayMs = 200;
const readyLimitMs = 60_000;
const hearLimitMs = 10_000;
const resumeEveryMs = 50;

/** An api or worker process under a supervisor, which starts it again whenever it ends. */
export interface Actor extends Target {
  readonly kind: 'api' | 'worker';
  /** Times when it ended although nobody had killed it while it was ready: there must be none. */
  crashes(): number;
  /** Asks it to stop at the so manieth arrival at a step. */
  armStop(step: Step, countdown: number): Promise<void>;
  /** Takes that back; it runs in any case then. */
  disarm(): Promise<void>;
  isStopped(): boolean;
  resume(): void;
  /** SIGTERM, and wait until it has ended and runs again. Resolves to its exit code. */
  restart(): Promise<number | null>;
  /** Ends it for good. */
  close(): Promise<void>;
}

interface Options {
  readonly kind: Actor['kind'];
  readonly name: string;
  readonly links: readonly Link[];
  /** The built program, dist/cli/createcustomer.cjs of some folder. */
  readonly program: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The file in which an actor notes when each of its calls was checked. */
export function journalOf(folder: string, name: string): string {
  return join(folder, `${name}.journal`);
}

function spawnActor({ kind, name, program, folder, env }: Options): ChildProcess {
  const log = openSync(join(folder, `${name}.log`), 'a');
  try {
    return spawn(process.execPath, ['--import', preload, program, 'serve', '--role', kind], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        ...env,
        CHAOS_CHANNEL: stepChannelName,
        CHAOS_JOURNAL: journalOf(folder, name),
      },
      stdio: ['ignore', 'pipe', log, 'ipc'],
    });
  } finally {
    closeSync(log);
  }
}

/** Starts a process, and again a moment after it has ended, whyever. */
function supervise(options: Options) {
  let child = spawnActor(options);
  let isReady = false;
  let isClosed = false;
  let isSentAway = false;
  let crashes = 0;

  function watch(): void {
    child.stdout?.on('data', (chunk: Buffer) => {
      isReady ||= /^ready/m.test(chunk.toString());
    });
    child.once('exit', () => {
      if (isReady && !isSentAway) crashes += 1;
      isReady = false;
      setTimeout(startAgain, restartDelayMs);
    });
  }

  function startAgain(): void {
    if (isClosed) return;
    isSentAway = false;
    child = spawnActor(options);
    watch();
  }

  watch();
  return {
    child: () => child,
    crashes: () => crashes,
    waitUntilReady: () => waitFor(() => isReady, readyLimitMs),
    /** Sends a signal that ends the process, and resolves to its exit code. */
    async end(name: NodeJS.Signals): Promise<number | null> {
      const ending = child;
      if (ending.exitCode !== null || ending.signalCode !== null) return ending.exitCode;
      const exited = once(ending, 'exit');
      isSentAway = true;
      ending.kill(name);
      await exited;
      return ending.exitCode;
    },
    stayAway(): void {
      isClosed = true;
    },
  };
}

/** Resolves when the process has taken the message, or is not there to take it. */
async function tell(child: ChildProcess, message: object): Promise<void> {
  if (!child.connected) return;
  const done = new AbortController();
  const until = { signal: done.signal };
  const ends = [once(child, 'message', until), once(child, 'exit', until), sleep(hearLimitMs, undefined, until)];
  child.send(message, () => {});
  await Promise.race(ends.map((end) => end.catch(() => {})));
  done.abort();
}

/** Starts an actor and resolves when it is ready. */
export async function startActor(options: Options): Promise<Actor> {
  const { child, crashes, waitUntilReady, end, stayAway } = supervise(options);

  async function close(): Promise<void> {
    stayAway();
    await end('SIGKILL');
  }

  await waitUntilReady().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    ...options,
    pids: () => [child().pid ?? 0],
    crashes,
    async kill() {
      await end('SIGKILL');
    },
    revive: waitUntilReady,
    armStop: (step, countdown) => tell(child(), { step, countdown }),
    async disarm() {
      const told = tell(child(), {}).then(() => true);
      // It may have stopped just now, and hears nothing then.
      while (!(await Promise.race([told, sleep(resumeEveryMs, false)]))) child().kill('SIGCONT');
      child().kill('SIGCONT');
    },
    isStopped: () => isStopped(child().pid ?? 0),
    resume() {
      child().kill('SIGCONT');
    },
    async restart() {
      const code = await end('SIGTERM');
      await waitUntilReady();
      return code;
    },
    close,
  };
}
