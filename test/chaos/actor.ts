import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Step, stepChannelName } from '../../runtime/steps.ts';
import { waitFor } from '../services/wait-for.ts';
import type { Link } from './link.ts';
import { isStopped, signal } from './process-state.ts';
import type { Target } from './target.ts';

const preload = join(import.meta.dirname, 'at-step.mjs');

/** A supervisor that starts a process again waits a moment, so that one that cannot start does not take the machine. */
const restartDelayMs = 200;
const readyLimitMs = 60_000;
const hearLimitMs = 10_000;

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
  /** The built program, dist/cli/main.js of some folder. */
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
}

/** Starts an actor and resolves when it is ready. */
export async function startActor(options: Options): Promise<Actor> {
  let child: ChildProcess;
  let isReady = false;
  let isClosed = false;
  let killed = false;
  let crashes = 0;

  function start(): void {
    child = spawnActor(options);
    killed = false;
    child.stdout?.on('data', (chunk: Buffer) => {
      isReady ||= /^ready/m.test(chunk.toString());
    });
    child.once('exit', () => {
      if (isReady && !killed && !isClosed) crashes += 1;
      isReady = false;
      if (!isClosed) setTimeout(() => isClosed || start(), restartDelayMs);
    });
  }

  function pid(): number {
    return child.pid ?? 0;
  }

  /** Resolves when the process has taken the message, or is not there to take it. */
  async function tell(message: object): Promise<void> {
    const told = child;
    if (!told.connected) return;
    const heard = once(told, 'message').then(() => true);
    told.send(message, () => {});
    const limit = new AbortController();
    const gone = once(told, 'exit', { signal: limit.signal }).catch(() => {});
    await Promise.race([heard, gone, sleep(hearLimitMs, undefined, { signal: limit.signal }).catch(() => {})]);
    limit.abort();
  }

  async function end(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    killed = true;
    signal(pid(), 'SIGKILL');
    await exited;
  }

  start();
  const revive = () => waitFor(() => isReady, readyLimitMs);
  await revive();
  return {
    ...options,
    pids: () => [pid()],
    crashes: () => crashes,
    kill: end,
    revive,
    armStop: (step, countdown) => tell({ step, countdown }),
    async disarm() {
      const told = tell({});
      // It may have stopped just now, and hears nothing then.
      while ((await Promise.race([told.then(() => 'heard'), sleep(50)])) !== 'heard') signal(pid(), 'SIGCONT');
      signal(pid(), 'SIGCONT');
    },
    isStopped: () => isStopped(pid()),
    resume: () => signal(pid(), 'SIGCONT'),
    async restart() {
      const ended = child;
      killed = true;
      signal(pid(), 'SIGTERM');
      await once(ended, 'exit');
      await revive();
      return ended.exitCode;
    },
    async close() {
      isClosed = true;
      await end();
    },
  };
}
