import { chmod, lchown, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import { type RunAs, runProgram } from './run-program.ts';

/** What a user must be able to reach to run the server. */
export interface Reach {
  readonly root: string;
  readonly cluster: string;
  readonly postgres: string;
}

interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const rootUid = 0;
const versionFile = 'PG_VERSION';
const enterableByAll = 0o011;
/** Enters a user namespace of its own, in which root is nobody special but still owns its files. */
const ownNamespace: RunAs = { prefix: ['unshare', '-U'] };
const lesserUserNames = ['postgres', 'nobody'];

/**
 * As whom PostgreSQL, which refuses to run as root, is to run. Whoever is not root runs it as itself. Root runs it in a
 * user namespace of its own (`namespace`, for tests), and where that is not allowed, or cannot reach the folder, as the
 * user `postgres` or else `nobody`, to whom an existing cluster of root's is given. A cluster that belongs to somebody
 * is run by its owner. Throws an EmbeddedPostgresError when nobody fits.
 */
export async function chooseRunAs(reach: Reach, namespace: RunAs = ownNamespace): Promise<RunAs> {
  const ownUid = process.geteuid?.();
  const owner = await ownerOf(reach.cluster);
  if (ownUid !== rootUid) {
    if (owner === undefined || ownUid === undefined || owner.uid === ownUid) return {};
    throw new EmbeddedPostgresError(
      `The database in "${reach.cluster}" belongs to the user with the id ${owner.uid}: run as that user, or set DATA_DIR to another folder.`,
    );
  }
  if (owner !== undefined && owner.uid !== rootUid)
    return await reachAs([{ name: `id ${owner.uid}`, ...owner }], reach);
  if (await canReach(namespace, reach)) return namespace;
  const runAs = await reachAs(await findLesserUsers(), reach);
  await giveCluster(reach.cluster, runAs);
  return runAs;
}

async function ownerOf(cluster: string) {
  const found = await stat(join(cluster, versionFile)).catch(() => undefined);
  return found && { uid: found.uid, gid: found.gid };
}

/** The first of these users that reaches everything, once the data folder may be entered (not read) by all. */
async function reachAs(users: readonly SystemUser[], reach: Reach): Promise<RunAs> {
  const { mode } = await stat(reach.root);
  await chmod(reach.root, mode | enterableByAll);
  for (const { uid, gid } of users) {
    const runAs = { user: { uid, gid } };
    if (await canReach(runAs, reach)) return runAs;
  }
  await chmod(reach.root, mode);
  const names = users.map(({ name }) => `"${name}"`).join(' and ') || '"postgres" and "nobody"';
  throw new EmbeddedPostgresError(
    `PostgreSQL refuses to run as root, and ${names} cannot enter "${reach.root}" or execute "${reach.postgres}": move DATA_DIR (and this installation) to a place that every user may enter, or run as another user than root.`,
  );
}

/** Asks the system instead of reading modes: enters the folder and starts the server program, as that user. */
async function canReach(runAs: RunAs, { root, postgres }: Reach): Promise<boolean> {
  const args = ['-c', 'cd "$0" && exec "$1" --version', root, postgres];
  const { failure } = await runProgram({ program: '/bin/sh', args, runAs, cwd: '/' });
  return failure === undefined;
}

async function findLesserUsers(): Promise<SystemUser[]> {
  const entries = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  return lesserUserNames.flatMap((name) => {
    const [, , uid, gid] = entries.find(([entryName]) => entryName === name) ?? [];
    return uid === undefined || gid === undefined ? [] : [{ name, uid: Number(uid), gid: Number(gid) }];
  });
}

/** PG_VERSION, by which the owner is known, comes last: an interrupted gift is repeated by the next start. */
async function giveCluster(cluster: string, { user }: RunAs): Promise<void> {
  if (user === undefined || (await ownerOf(cluster)) === undefined) return;
  const entries = await readdir(cluster, { recursive: true });
  for (const entry of ['.', ...entries.filter((name) => name !== versionFile), versionFile]) {
    await lchown(join(cluster, entry), user.uid, user.gid);
  }
}
