import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { runToEnd, serviceSettings } from './service.ts';
import { waitFor } from './wait-for.ts';

const program = resolve(import.meta.dirname, '../../dist/cli/createcustomer.cjs');

export interface AdminRun {
  readonly code: number | null;
  readonly output: string;
}

/** Runs `createcustomer admin …` on a database; further settings win over the usual ones. */
export function createAdmin(databaseUrl: string, settings: Readonly<Record<string, string>> = {}) {
  return (...args: readonly string[]): Promise<AdminRun> =>
    runToEnd(['admin', ...args], { ...serviceSettings(databaseUrl), ...settings });
}

/** Whether a process has opened its standard input to read it: only then does a pipe not make it wait. */
async function hasOpenedInput(pid: number): Promise<boolean> {
  const info = await readFile(`/proc/${pid}/fdinfo/0`, 'utf8').catch(() => '');
  const [flags = ''] = /(?<=flags:\s+)\d+/.exec(info) ?? [];
  return (Number.parseInt(flags, 8) & constants.O_NONBLOCK) !== 0;
}

/** The same with a text that comes late on standard input; standard output and standard error are kept apart. */
export async function adminWithInput(databaseUrl: string, args: readonly string[], input: string) {
  const child = spawn(process.execPath, [program, 'admin', ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, ...serviceSettings(databaseUrl) },
  });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const closed = once(child, 'close');
  await waitFor(() => child.exitCode !== null || hasOpenedInput(Number(child.pid)));
  child.stdin.on('error', () => undefined).end(input);
  const [code] = await closed;
  return {
    code: Number(code),
    stdout: Buffer.concat(out).toString('utf8'),
    stderr: Buffer.concat(err).toString('utf8'),
  };
}

/** The objects of a list that was printed with --json. */
export function jsonLines({ output }: AdminRun): readonly Readonly<Record<string, unknown>>[] {
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
