import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errorCode } from './embedded-postgres-error.ts';

/** Absolute paths of everything that the embedded PostgreSQL keeps under the data folder. */
export interface DataFolder {
  readonly root: string;
  /** PostgreSQL's own folder (PGDATA). */
  readonly cluster: string;
  /** The superuser's password, mode 0600. */
  readonly password: string;
  /** The server's log, appended to. */
  readonly log: string;
  /** One file for each process that uses the server. */
  readonly users: string;
  /** The lock under which servers are made, started and stopped. */
  readonly lock: string;
}

/**
 * Makes the data folder (mode 0700; a folder that exists keeps its mode) and the folders for bookkeeping in it.
 * Throws the file system's error when the folder cannot be made or written, or when a file is in its place.
 */
export async function openDataFolder(dataDir: string): Promise<DataFolder> {
  const root = resolve(dataDir);
  const folder = {
    root,
    cluster: join(root, 'postgres'),
    password: join(root, 'postgres-password'),
    log: join(root, 'postgres.log'),
    users: join(root, 'postgres-users'),
    lock: join(root, 'postgres-lock'),
  };
  for (const path of [folder.root, folder.users, folder.lock]) {
    await makeFolder(path);
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  }
  return folder;
}

async function makeFolder(path: string): Promise<void> {
  const mode = 0o700;
  try {
    await mkdir(path, { recursive: true, mode });
  } catch (error) {
    // Node's recursive mkdir says ENOENT for some other errors, such as a read-only file system; the plain one does not.
    if (errorCode(error) !== 'ENOENT') throw error;
    await mkdir(path, { mode });
  }
}
