import { chown, mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Binaries } from './binaries.ts';
import type { DataFolder } from './data-folder.ts';
import { EmbeddedPostgresError, errorCode, findReason } from './embedded-postgres-error.ts';
import { type RunAs, runProgram } from './run-program.ts';
import { readOrMakePassword } from './superuser-password.ts';

/** The role that owns the cluster. */
export const superuser = 'postgres';

const draftPrefix = 'postgres-new-';

/**
 * Makes the cluster unless there is one. It is made in a folder beside its place and moved there when it is complete,
 * so an interruption at any moment leaves nothing that a later start takes for a cluster; what it does leave is removed
 * here. Call it under the folder lock. Throws an EmbeddedPostgresError when the place holds something else, when the
 * cluster is of another PostgreSQL version, or when initdb fails (with initdb's reason).
 */
export async function initialiseCluster(options: {
  folder: DataFolder;
  binaries: Binaries;
  runAs: RunAs;
}): Promise<void> {
  const { folder, binaries, runAs } = options;
  await removeDrafts(folder.root);
  if (await hasCluster(folder.cluster, binaries.majorVersion)) return;
  const password = await readOrMakePassword(folder.password);
  const draft = await makeDraft(folder.root, runAs);
  try {
    await runInitdb({ draft, binaries, runAs, password });
    await rename(draft.cluster, folder.cluster);
    await syncFolder(folder.root);
  } finally {
    await removeDraft(draft.root);
  }
}

async function hasCluster(cluster: string, majorVersion: string): Promise<boolean> {
  const entries = await listIfPresent(cluster);
  if (entries.length === 0) return false;
  const version = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version === undefined) {
    throw new EmbeddedPostgresError(
      `"${cluster}" holds files but no database: move it away, or set DATA_DIR to another folder.`,
    );
  }
  if (version.trim() === majorVersion) return true;
  throw new EmbeddedPostgresError(
    `The database in "${cluster}" was made by PostgreSQL ${version.trim()}, and this is PostgreSQL ${majorVersion}: install the release of this program that brought PostgreSQL ${version.trim()}, or move the data over with pg_dump and set DATA_DIR to another folder.`,
  );
}

async function listIfPresent(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

interface Draft {
  readonly root: string;
  readonly cluster: string;
}

/** Folders for initdb, which belong to the user it runs as. */
async function makeDraft(root: string, { user }: RunAs): Promise<Draft> {
  const draftRoot = await mkdtemp(join(root, draftPrefix));
  const cluster = join(draftRoot, 'cluster');
  await mkdir(cluster, { mode: 0o700 });
  if (user !== undefined) {
    await chown(draftRoot, user.uid, user.gid);
    await chown(cluster, user.uid, user.gid);
  }
  return { root: draftRoot, cluster };
}

async function runInitdb(options: { draft: Draft; binaries: Binaries; runAs: RunAs; password: string }) {
  const { draft, binaries, runAs, password } = options;
  const passwordFile = join(draft.root, 'password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (runAs.user !== undefined) await chown(passwordFile, runAs.user.uid, runAs.user.gid);
  const args = [
    `--pgdata=${draft.cluster}`,
    `--pwfile=${passwordFile}`,
    `--username=${superuser}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ];
  const { failure, stderr } = await runProgram({ program: binaries.initdb, args, runAs, cwd: draft.root });
  if (failure === undefined) return;
  throw new EmbeddedPostgresError(
    `The database cannot be made in "${dirname(draft.root)}": ${findReason(stderr) || failure.message}.`,
    { cause: failure },
  );
}

async function removeDrafts(root: string): Promise<void> {
  const drafts = (await readdir(root)).filter((name) => basename(name).startsWith(draftPrefix));
  await Promise.all(drafts.map((name) => removeDraft(join(root, name))));
}

/** An initdb whose starter was killed may still write for a moment: what cannot be removed now is removed next time. */
async function removeDraft(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }).catch(() => undefined);
}

/** Makes the rename survive a power cut; Windows has no such call and needs none. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
