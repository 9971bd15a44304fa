import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresError, errorCode } from './embedded-postgres-error.ts';
import { identifySelf, isRunning } from './process-identity.ts';

// Node has no flock(2). Here the lock is the file with the highest number in a folder: its content names the holder,
// or is empty once it was freed. Who finds it free, or its holder dead, takes the lock by linking the next number, which the
// file system grants to one process only. The highest number is never deleted, so a late comer always sees that it
// lost. Nothing must be cleaned up after a kill -9.
const pollMs = 50;
/** Longer than a server may take to start, so that it ends only waits for a process that hangs. */
const patienceMs = 6 * 60_000;

/**
 * Runs `action` while no other process (and no other call in this one) holds the lock in `lockFolder`, which must
 * exist. A holder that was killed counts as gone at once. Waits up to six minutes for a live one, then throws an
 * EmbeddedPostgresError that names it.
 */
export async function withFolderLock<T>(lockFolder: string, action: () => Promise<T>): Promise<T> {
  const held = await acquire(lockFolder);
  try {
    return await action();
  } finally {
    // Needs no space, so that a full disk does not keep the lock held.
    await truncate(held);
  }
}

async function acquire(lockFolder: string): Promise<string> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const highest = await highestNumber(lockFolder);
    const holder = await liveHolder(join(lockFolder, String(highest)));
    if (holder === undefined) {
      const taken = await take(lockFolder, highest + 1);
      if (taken !== undefined) return taken;
    } else if (Date.now() > deadline) {
      throw new EmbeddedPostgresError(
        `Process ${holder} has been starting or stopping the database in "${lockFolder}" for minutes: end it and try again.`,
      );
    }
    await delay(pollMs);
  }
}

async function highestNumber(lockFolder: string): Promise<number> {
  const numbers = (await readdir(lockFolder)).map(Number).filter(Number.isSafeInteger);
  return Math.max(0, ...numbers);
}

async function liveHolder(path: string): Promise<number | undefined> {
  const content = await readIfPresent(path);
  const [pid = '', ...startedAt] = content.split(' ');
  const identity = { pid: Number(pid), startedAt: startedAt.join(' ') };
  return (await isRunning(identity)) ? identity.pid : undefined;
}

async function readIfPresent(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  }
}

async function take(lockFolder: string, number: number): Promise<string | undefined> {
  const path = join(lockFolder, String(number));
  const { pid, startedAt } = await identifySelf();
  if (!(await linkNew(path, `${pid} ${startedAt}`))) return undefined;
  if ((await highestNumber(lockFolder)) > number) {
    await rm(path, { force: true });
    return undefined;
  }
  const others = (await readdir(lockFolder)).filter((name) => name !== String(number));
  await Promise.all(others.map((name) => rm(join(lockFolder, name), { force: true })));
  return path;
}

/** Makes the file with all of its content at once; false when another was quicker. */
async function linkNew(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, content);
    await link(draft, path);
    return true;
  } catch (error) {
    // ENOENT: the holder tidied our draft away.
    if (['EEXIST', 'ENOENT'].includes(errorCode(error) ?? '')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
