import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What the server says of itself in `postmaster.pid`; the later lines appear while it starts. */
export interface PostmasterFile {
  readonly pid: number;
  /** Undefined until the server has written it. */
  readonly port: number | undefined;
  /** `starting`, `ready`, `stopping` or `standby`; empty until the server has written it. */
  readonly status: string;
}

// Lines of postmaster.pid, counted from 0: LOCK_FILE_LINE_* in PostgreSQL's src/include/utils/pidfile.h.
const pidLine = 0;
const portLine = 3;
const statusLine = 7;

/** A file without a pid that is older than this was left by a crash, not by a server that is writing it. */
const emptyFileAgeMs = 2_000;

/** Path of `postmaster.pid` in a cluster. */
export function postmasterFilePath(cluster: string): string {
  return join(cluster, 'postmaster.pid');
}

/**
 * Reads `postmaster.pid`. Undefined when there is none, or when it holds no pid; one that has held none for two
 * seconds is removed, because PostgreSQL would refuse to start over it.
 */
export async function readPostmasterFile(cluster: string): Promise<PostmasterFile | undefined> {
  const path = postmasterFilePath(cluster);
  const content = await readFile(path, 'utf8').catch(() => undefined);
  if (content === undefined) return undefined;
  const lines = content.split('\n').map((line) => line.trim());
  const pid = parseNumber(lines[pidLine]);
  if (pid === undefined) {
    await removeWhenOld(path);
    return undefined;
  }
  return { pid, port: parseNumber(lines[portLine]), status: lines[statusLine] ?? '' };
}

function parseNumber(line: string | undefined): number | undefined {
  const number = Number(line);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

async function removeWhenOld(path: string): Promise<void> {
  const written = await stat(path).catch(() => undefined);
  if (written !== undefined && Date.now() - written.mtimeMs > emptyFileAgeMs) await rm(path, { force: true });
}
