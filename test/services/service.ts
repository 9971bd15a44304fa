import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cheapHashing, secretKeys } from './constants.ts';
import { waitFor } from './wait-for.ts';

/** The program as it is built. */
export const program = resolve(import.meta.dirname, '../../dist/cli/createcustomer.cjs');

/** A process of the program `createcustomer`, as a user would start it. */
export interface Program {
  readonly process: ChildProcess;
  readonly folder: string;
  /** Everything that it has printed and logged so far. */
  output(): string;
  /** Exit code, once it has ended. */
  readonly exited: Promise<number | null>;
}

/** Only what a stranger's shell would have: PATH and nothing of ours. */
function environment(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, ...settings };
}

/** Starts the built program in a folder of its own. */
export function runProgram(
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
  folder = mkdtempSync(join(tmpdir(), 'createcustomer-run-')),
): Program {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: environment(settings),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const exited = once(child, 'close').then(([code]): number | null => code);
  return { process: child, folder, output: () => Buffer.concat(chunks).toString('utf8'), exited };
}

/** Runs the program to its end. */
export async function runToEnd(
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const run = runProgram(args, settings);
  const code = await run.exited;
  rmSync(run.folder, { recursive: true, force: true });
  return { code, output: run.output() };
}

export interface Service extends Program {
  /** Where calls go. */
  readonly url: string;
  /** SIGTERM, and wait for the end. */
  stop(): Promise<number | null>;
}

/** Settings of a service on a test database. */
export function serviceSettings(databaseUrl: string): Record<string, string> {
  return { DATABASE_URL: databaseUrl, SECRET_KEYS: secretKeys, PORT: '0', MONITOR_PORT: '0', ...cheapHashing };
}

/** Starts `createcustomer serve` and waits until it is ready. */
export async function startService(
  settings: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  folder?: string,
): Promise<Service> {
  const run = runProgram(['serve', ...args], settings, folder);
  await waitFor(() => /^ready/m.test(run.output()) || run.process.exitCode !== null, 30_000);
  if (run.process.exitCode !== null) throw new Error(`The service ended:\n${run.output()}`);
  const url = /^ready (http\S+)/m.exec(run.output())?.[1] ?? '';
  return {
    ...run,
    url,
    async stop() {
      run.process.kill('SIGTERM');
      const code = await run.exited;
      if (folder === undefined) rmSync(run.folder, { recursive: true, force: true });
      return code;
    },
  };
}
