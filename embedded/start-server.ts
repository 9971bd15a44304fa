import { spawn } from 'node:child_process';
import { open, rename } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';
import type { DataFolder } from './data-folder.ts';
import { EmbeddedPostgresError, findReason } from './embedded-postgres-error.ts';
import { fileSize, readFrom } from './follow-log.ts';
import { type RunAs, toSpawnArguments } from './run-program.ts';
import { findRunningServer, type RunningServer, waitUntilReady } from './running-server.ts';

const maxConnections = '200';
/** How long a start is repeated while PostgreSQL says that something of a killed server is still there. */
const repeatLimitMs = 10_000;
const repeatPauseMs = 200;
/** A log that has grown beyond this becomes `postgres.log.1` at the next start. */
const maxLogBytes = 10 * 1024 * 1024;

/** What PostgreSQL writes (in English: its environment says so) when another attempt may succeed. */
const passingTroubles = /lock file .* (already exists|is empty)|pre-existing shared memory|could not bind|any TCP\/IP/;
const sharedMemoryInUse = 'pre-existing shared memory';

/** What a server needs to start; `settings` are PostgreSQL's own and win over ours. */
export interface ServerOptions {
  readonly folder: DataFolder;
  readonly binaries: Binaries;
  readonly runAs: RunAs;
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Starts the server on an initialised cluster and waits until it is ready. It gets a session of its own (Ctrl-C does
 * not reach it), does not keep the event loop alive, and outlives this process. A taken port and the remains of a
 * killed server are waited out for ten seconds; `started` is false when somebody else's server turned up meanwhile.
 * Call it under the folder lock. Throws an EmbeddedPostgresError with the reason from the server's log.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer & { started: boolean }> {
  const { folder } = options;
  const deadline = Date.now() + repeatLimitMs;
  await keepLogSmall(folder.log);
  for (;;) {
    const attempt = await tryToStart(options);
    if ('port' in attempt) return { ...attempt, started: true };
    if (!passingTroubles.test(attempt.log) || Date.now() > deadline) {
      throw new EmbeddedPostgresError(
        `PostgreSQL does not start on "${folder.cluster}": ${explain(attempt.log)} (more in "${folder.log}").`,
      );
    }
    await delay(repeatPauseMs);
    const other = await findRunningServer(folder.cluster);
    if (other !== undefined) return { ...other, started: false };
  }
}

function explain(log: string): string {
  const reason = findReason(log);
  return reason.includes(sharedMemoryInUse)
    ? `processes of a server that was killed still work on it; wait until they end, or end them (ps shows them as "postgres: ..."), and start again`
    : reason;
}

async function tryToStart(options: ServerOptions): Promise<RunningServer | { log: string }> {
  const { cluster, log } = options.folder;
  const logStart = await fileSize(log);
  const { pid, endReason } = await spawnServer(options);
  const server = await waitUntilReady({ cluster, pid, hasEnded: () => endReason() !== undefined });
  if (server !== undefined) return server;
  const written = await readFrom(log, logStart);
  return { log: written.toString('utf8') || (endReason() ?? '') };
}

async function spawnServer({ folder, binaries, runAs, settings }: ServerOptions) {
  const port = await findFreePort();
  const ours = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: maxConnections };
  const assignments = Object.entries({ ...ours, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const args = ['-D', folder.cluster, '-p', String(port), ...assignments];
  const command = toSpawnArguments({ program: binaries.postgres, args, runAs, cwd: folder.cluster });
  const log = await open(folder.log, 'a', 0o600);
  try {
    const stdio = ['ignore' as const, log.fd, log.fd];
    const server = spawn(command.file, command.args, { ...command.options, detached: true, stdio });
    let reason: string | undefined;
    server.once('error', (error) => (reason = error.message));
    server.once('exit', (code, signal) => (reason ??= `it ended with ${signal ?? `exit code ${code}`}`));
    server.unref();
    return { pid: server.pid ?? 0, endReason: () => reason };
  } finally {
    await log.close();
  }
}

/** A port that is free now; PostgreSQL cannot choose one itself, and a start on one taken meanwhile is repeated. */
function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

async function keepLogSmall(path: string): Promise<void> {
  if ((await fileSize(path)) > maxLogBytes) await rename(path, `${path}.1`);
}
