import { execFile } from 'node:child_process';
import { readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import { postmasterFilePath, readPostmasterFile } from './postmaster-file.ts';
import { identifyProcess, isRunning, type ProcessIdentity } from './process-identity.ts';

/** A server that answers on 127.0.0.1. */
export interface RunningServer {
  readonly pid: number;
  readonly port: number;
}

const pollMs = 25;
/** Crash recovery replays at most a few checkpoints' worth of log; on a slow disk that takes minutes. */
const startLimitMs = 5 * 60_000;
const answerLimitMs = 10_000;

/** Asks whether the server would encrypt: length 8, code 80877103 (PostgreSQL protocol, "SSLRequest"). */
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const sslAnswers = ['S', 'N'];

/**
 * The server that runs on this cluster, once it is ready; undefined when none runs. Waits for one that is starting
 * (up to five minutes) or stopping. A `postmaster.pid` whose pid now belongs to another program is removed; one whose
 * pid nobody has is left to PostgreSQL, which still finds the killed server's shared memory by it. Call it under the
 * folder lock.
 */
export async function findRunningServer(cluster: string): Promise<RunningServer | undefined> {
  const postmaster = await identifyPostmaster(cluster);
  if (postmaster === undefined) return undefined;
  const { pid } = postmaster;
  const server = await waitUntilReady({ cluster, pid, hasEnded: async () => !(await isRunning(postmaster)) });
  if (server === undefined) return undefined;
  await waitForAnswer(cluster, server);
  return server;
}

/** The process that `postmaster.pid` names, when it lives and is a server on this cluster. */
export async function identifyPostmaster(cluster: string): Promise<ProcessIdentity | undefined> {
  const file = await readPostmasterFile(cluster);
  if (file === undefined) return undefined;
  const owner = await identifyProcess(file.pid);
  if (owner === undefined) return undefined;
  if (await isPostmasterOf(file.pid, cluster)) return owner;
  await rm(postmasterFilePath(cluster), { force: true });
  return undefined;
}

/**
 * Waits until `postmaster.pid` says that the server with this pid is ready, up to five minutes, then throws an
 * EmbeddedPostgresError and leaves the server to its work. Undefined when `hasEnded` says that the server is gone.
 */
export async function waitUntilReady(options: {
  cluster: string;
  pid: number;
  hasEnded: () => boolean | Promise<boolean>;
}): Promise<RunningServer | undefined> {
  const { cluster, pid, hasEnded } = options;
  const deadline = Date.now() + startLimitMs;
  while (!(await hasEnded())) {
    const file = await readPostmasterFile(cluster);
    const isReady = file?.pid === pid && file.status === 'ready';
    if (isReady && file.port !== undefined) return { pid, port: file.port };
    if (Date.now() > deadline) {
      throw new EmbeddedPostgresError(
        `The database in "${cluster}" is still ${file?.status || 'starting'} after five minutes: wait until its log says that it accepts connections, then start again.`,
      );
    }
    await delay(pollMs);
  }
  return undefined;
}

/** A server on this cluster has the cluster as its working directory, by whatever path it was started. */
async function isPostmasterOf(pid: number, cluster: string): Promise<boolean> {
  const program = await programName(pid);
  if (program !== undefined && !program.startsWith('postgres')) return false;
  if (process.platform !== 'linux') return true;
  const [cwd, folder] = await Promise.all([stat(`/proc/${pid}/cwd`).catch(() => undefined), stat(cluster)]);
  // Where the system hides the working directory, the server counts as ours: better no start than two servers.
  return cwd === undefined || (cwd.dev === folder.dev && cwd.ino === folder.ino);
}

async function programName(pid: number): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  try {
    const command =
      process.platform === 'linux'
        ? (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')[0]
        : (await promisify(execFile)('ps', ['-o', 'comm=', '-p', String(pid)])).stdout.trim();
    return basename(command ?? '');
  } catch {
    return undefined;
  }
}

async function waitForAnswer(cluster: string, server: RunningServer): Promise<void> {
  const deadline = Date.now() + answerLimitMs;
  while (!(await answers(server.port))) {
    if (Date.now() > deadline) {
      throw new EmbeddedPostgresError(
        `Process ${server.pid} holds the database in "${cluster}" but does not answer on 127.0.0.1:${server.port}: end it (or, if it is no PostgreSQL server, delete "${postmasterFilePath(cluster)}") and start again.`,
      );
    }
    await delay(pollMs);
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (isPostgres: boolean) => {
      socket.destroy();
      resolve(isPostgres);
    };
    socket.setTimeout(1_000, () => end(false));
    socket.on('connect', () => socket.write(sslRequest));
    socket.on('data', (answer) => end(sslAnswers.includes(answer.toString('latin1', 0, 1))));
    socket.on('error', () => end(false));
    socket.on('close', () => end(false));
  });
}
