import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { identifySelf, isRunning } from './process-identity.ts';

/**
 * Notes that this process uses the server, in a file `PID-RANDOM` (a process may use it more than once) that holds the
 * process's start time. Call it under the folder lock. Returns the file's path for {@link leaveUsers}.
 */
export async function joinUsers(usersFolder: string): Promise<string> {
  const { pid, startedAt } = await identifySelf();
  const lease = join(usersFolder, `${pid}-${randomUUID()}`);
  await writeFile(lease, startedAt);
  return lease;
}

/**
 * Takes the note back and says whether anybody else still uses the server. Call it under the folder lock. Notes of
 * processes that ended without leaving are removed.
 */
export async function leaveUsers(lease: string): Promise<{ othersRemain: boolean }> {
  await rm(lease, { force: true });
  const folder = dirname(lease);
  const names = await readdir(folder);
  const remaining = await Promise.all(names.map((name) => isHeld(join(folder, name))));
  return { othersRemain: remaining.includes(true) };
}

async function isHeld(lease: string): Promise<boolean> {
  const pid = Number.parseInt(basename(lease), 10);
  const startedAt = await readFile(lease, 'utf8').catch(() => '');
  if (await isRunning({ pid, startedAt })) return true;
  await rm(lease, { force: true });
  return false;
}
