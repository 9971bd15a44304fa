import { execFile } from 'node:child_process';

/** As whom a program runs: behind a command that goes before it, as another user, or (both absent) as we do. */
export interface RunAs {
  readonly prefix?: readonly string[];
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** A program with its arguments, as whom it runs and in which folder. */
export interface Invocation {
  readonly program: string;
  readonly args: readonly string[];
  readonly runAs?: RunAs;
  readonly cwd?: string;
}

/** How a program ended; `failure` when it could not be started (its `code` is a text) or ended in another way than 0. */
export interface ProgramResult {
  readonly failure: Error | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Messages in English whatever the system speaks, and none of our settings and secrets in the server's environment. */
const bareEnvironment = { LC_ALL: 'C', PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };

/** What child_process needs to start this program; Windows' programs do not work without the whole environment. */
export function toSpawnArguments({ program, args, runAs = {}, cwd }: Invocation) {
  const [file = program, ...rest] = [...(runAs.prefix ?? []), program, ...args];
  const options = {
    windowsHide: true,
    ...(process.platform === 'win32' ? {} : { env: bareEnvironment }),
    ...runAs.user,
    ...(cwd === undefined ? {} : { cwd }),
  };
  return { file, args: rest, options };
}

/** Runs a program to its end. Never rejects: see {@link ProgramResult}. */
export function runProgram(invocation: Invocation): Promise<ProgramResult> {
  const { file, args, options } = toSpawnArguments(invocation);
  return new Promise((resolve) => {
    try {
      execFile(file, args, options, (error, stdout, stderr) =>
        resolve({ failure: error ?? undefined, stdout, stderr }),
      );
    } catch (error) {
      // Node throws some failures of setuid(2) at once instead of handing them to the callback.
      resolve({ failure: error instanceof Error ? error : new Error(String(error)), stdout: '', stderr: '' });
    }
  });
}
