import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** True when a redis-server is on the PATH. */
export function hasRedis(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0;
}

/** A port of the loopback address that is free right now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  /** Its process; another one after each start. */
  pid(): number;
  /** Ends the server at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** How a server is told what it is; a folder of its own is there for its files. */
export type RedisArguments = (own: { readonly port: number; readonly folder: string }) => readonly string[];

/** Starts redis-server on a free port of the loopback address. */
export async function startRedisServer(argumentsOf: RedisArguments): Promise<RedisServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'createcustomer-redis-'));
  const args = argumentsOf({ port, folder });
  let process: ChildProcess | undefined;

  async function start(): Promise<void> {
    process = spawn('redis-server', args, { stdio: 'ignore' });
    while (!(await answers(port))) await sleep(20);
  }

  async function kill(): Promise<void> {
    if (!process || process.exitCode !== null || process.signalCode !== null) return;
    const exited = once(process, 'exit');
    process.kill('SIGKILL');
    await exited;
  }

  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    folder,
    pid: () => process?.pid ?? 0,
    kill,
    start,
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Starts a real Redis on a free port of the loopback address, append-only, as docker-compose.yml does.
 * @param more further arguments of redis-server
 */
export function startRedis(more: readonly string[] = []): Promise<RedisServer> {
  return startRedisServer(({ port, folder }) => {
    const own = ['--port', `${port}`, '--dir', folder, '--bind', '127.0.0.1', '--save', ''];
    return [...own, '--appendonly', 'yes', '--maxmemory-policy', 'noeviction', ...more];
  });
}
