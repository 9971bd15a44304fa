import { readFile } from 'node:fs/promises';
import { errorCode } from './embedded-postgres-error.ts';

/** A process, told from a later one with the same pid by the moment of its start. */
export interface ProcessIdentity {
  readonly pid: number;
  /** On Linux the boot id and field 22 of /proc/PID/stat; empty where the system does not tell. */
  readonly startedAt: string;
}

// Positions in /proc/PID/stat behind the command's closing parenthesis, proc(5): fields 3 and 22.
const stateIndex = 0;
const startTimeIndex = 19;

/**
 * Who has this pid now. Undefined when nobody has, or only a zombie, which has ended and waits for its parent.
 */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  if (!isSignalable(pid)) return undefined;
  if (process.platform !== 'linux') return { pid, startedAt: '' };
  const stat = await readProc(`/proc/${pid}/stat`);
  if (stat === undefined) return isSignalable(pid) ? { pid, startedAt: '' } : undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if ('ZX'.includes(fields[stateIndex] ?? '')) return undefined;
  const bootId = (await readProc('/proc/sys/kernel/random/boot_id')) ?? '';
  return { pid, startedAt: `${bootId.trim()} ${fields[startTimeIndex]}` };
}

/** The identity of the calling process. */
export async function identifySelf(): Promise<ProcessIdentity> {
  return (await identifyProcess(process.pid)) ?? { pid: process.pid, startedAt: '' };
}

/** Whether exactly this process, not a later one with its pid, still runs. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  const current = await identifyProcess(identity.pid);
  return current !== undefined && current.startedAt === identity.startedAt;
}

function isSignalable(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it exists, but belongs to another user.
    return errorCode(error) === 'EPERM';
  }
}

async function readProc(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
