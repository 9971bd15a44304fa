import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './redis.ts';
import { waitFor } from './wait-for.ts';

const readableByAll = 0o755;

/** It does not run as root. */
function anotherUser(): readonly string[] {
  return process.getuid?.() === 0 ? ['--user', 'nobody'] : [];
}

/**
 * Starts PgBouncer in transaction mode before the server of a URL, with two connections to it, so that statements of one client meet
 * both. It is as strict as it comes, but for further lines of its file.
 */
export async function startPgbouncer(databaseUrl: string, ...more: readonly string[]) {
  const { hostname, port: serverPort, username, password, pathname } = new URL(databaseUrl);
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'createcustomer-pgbouncer-'));
  chmodSync(folder, readableByAll);
  const file = join(folder, 'pgbouncer.ini');
  const lines = [
    '[databases]',
    `* = host=${hostname} port=${serverPort} user=${username} password=${decodeURIComponent(password)}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    'default_pool_size = 2',
    'server_round_robin = 1',
    ...more,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const bouncer = spawn('pgbouncer', [...anotherUser(), file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [bouncer.stdout, bouncer.stderr]) stream.on('data', (chunk: Buffer) => (log += chunk));
  await waitFor(() => log.includes('process up') || bouncer.exitCode !== null);
  if (bouncer.exitCode !== null) throw new Error(`PgBouncer ended:\n${log}`);
  return {
    url: `postgresql://${username}@127.0.0.1:${port}${pathname}`,
    async stop(): Promise<void> {
      const exited = once(bouncer, 'exit');
      bouncer.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
