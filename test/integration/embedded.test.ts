import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../embedded/postgres.ts';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
/** Another process of ours: prints the URL when it has the server; with `hold` it keeps it until its input ends. */
const userProgram = `
  import { startEmbeddedPostgres } from ${JSON.stringify(new URL('../../embedded/postgres.ts', import.meta.url).href)};
  const [, , dataDir, mode] = process.argv;
  const server = await startEmbeddedPostgres({ dataDir });
  console.log(JSON.stringify({ url: server.url('postgres'), started: server.started }));
  if (mode === 'hold') process.stdin.resume().once('end', () => server.stop());
`;

const servers: EmbeddedPostgres[] = [];
const users: ChildProcess[] = [];
let base: string;
let dataDir: string;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "it's an embedded test "));
  await writeFile(join(base, 'user.mts'), userProgram);
});

beforeEach(async () => {
  dataDir = join(await mkdtemp(join(base, 'case-')), '.data');
});

afterEach(async () => {
  for (const user of users.splice(0)) await kill(user);
  // A server whose process was killed is adopted, so that it can be stopped.
  if ((await postmasterPid()) !== undefined) await start();
  for (const server of servers.splice(0)) await server.stop();
});

afterAll(async () => {
  const left = await processesNaming(base);
  await rm(base, { recursive: true });
  expect(left).toEqual([]);
});

describe('a server under the data folder', () => {
  test('When the folder is new, then a UTF-8 server with a secret password runs on 127.0.0.1 only', async () => {
    const server = await start({ settings: { work_mem: '7MB' } });
    expect(server.started).toBe(true);
    const [row] = await query(
      server.url('postgres'),
      `SELECT current_setting('server_encoding') AS encoding, current_setting('max_connections') AS connections,
              current_setting('listen_addresses') AS addresses, current_setting('unix_socket_directories') AS sockets,
              current_setting('password_encryption') AS hashing, current_setting('work_mem') AS extra,
              current_setting('data_checksums') AS checksums, current_setting('fsync') AS fsync`,
    );
    expect(row).toEqual({
      encoding: 'UTF8',
      connections: '200',
      addresses: '127.0.0.1',
      sockets: '',
      hashing: 'scram-sha-256',
      extra: '7MB',
      checksums: 'on',
      fsync: 'on',
    });
    expect((await stat(join(dataDir, 'postgres-password'))).mode & 0o777).toBe(0o600);
    expect((await stat(dataDir)).mode & 0o077).toBe(0);
    await expect(query(server.url('postgres').replace(/:[^:]*@/, ':wrong@'), 'SELECT 1')).rejects.toThrow(/password/);
  });

  test('When it was stopped and is started again, then the data is there', async () => {
    const first = await start();
    await query(first.url('postgres'), 'CREATE TABLE kept AS SELECT 1 AS id');
    await Promise.all([first.stop(), first.stop()]);
    await first.stop();
    expect(await postmasterPid()).toBeUndefined();
    await expectKept(await start());
  });

  test('When the server was killed, then the next start recovers what was committed', async () => {
    const first = await start();
    await query(first.url('postgres'), 'CREATE TABLE kept AS SELECT 1 AS id');
    process.kill((await postmasterPid()) ?? 0, 'SIGKILL');
    const second = await start();
    expect(second.started).toBe(true);
    await expectKept(second);
  });

  test('When the killed server had the pid of a program that runs now, then the next start works', async () => {
    const first = await start();
    await query(first.url('postgres'), 'CREATE TABLE kept AS SELECT 1 AS id');
    const file = join(dataDir, 'postgres', 'postmaster.pid');
    const content = await readFile(file, 'utf8');
    await first.stop();
    const stranger = spawn('sleep', ['1000']);
    users.push(stranger);
    await writeFile(file, content.replace(/^\d+/, String(stranger.pid)));
    await expectKept(await start());
    expect(stranger.exitCode).toBeNull();
  });

  test('When a listener is given, then it gets the lines of the log', async () => {
    const lines: string[] = [];
    const server = await start({ onLog: (line) => lines.push(line) });
    await vi.waitFor(() => expect(lines.join('\n')).toContain('ready to accept connections'));
    await server.stop();
    expect(lines.at(-1)).toContain('database system is shut down');
  });
});

describe('several processes on one folder', () => {
  test('When a process ends without stopping the server, then the next one adopts it and may stop it', async () => {
    const first = await startUser('leave');
    expect(await first.exitCode).toBe(0);
    const second = await start();
    expect(second).toMatchObject({ started: false });
    expect(second.url('postgres')).toBe(first.url);
    await query(second.url('postgres'), 'SELECT 1');
    await second.stop();
    expect(await postmasterPid()).toBeUndefined();
  });

  test('When one of two users stops, then the server serves the other until that one stops', async () => {
    const [first, second] = [await start(), await start()];
    const third = await startUser('hold');
    await first.stop();
    await second.stop();
    await query(third.url, 'SELECT 1');
    third.child.stdin?.end();
    expect(await third.exitCode).toBe(0);
    expect(await postmasterPid()).toBeUndefined();
  });

  test('When two processes start at once on a new folder, then both use the one server that one of them made', async () => {
    const both = await Promise.all([startUser('hold'), startUser('hold'), start()]);
    const urls = both.map(({ url }) => (typeof url === 'string' ? url : url('postgres')));
    expect(new Set(urls).size).toBe(1);
    expect(both.filter(({ started }) => started)).toHaveLength(1);
    await query(urls[0] ?? '', 'SELECT 1');
  });

  test('When a process is killed while it makes the cluster, then the next start makes it and leaves no remains', async () => {
    const child = spawnUser('hold');
    await vi.waitFor(async () => expect(await drafts()).toHaveLength(1), { timeout: 20_000, interval: 5 });
    await kill(child);
    await query((await start()).url('postgres'), 'SELECT 1');
    expect(await drafts()).toEqual([]);
  });

  test('When Ctrl-C ends a process, then the signal does not reach the server', async () => {
    const user = await startUser('hold');
    process.kill(-(user.child.pid ?? 0), 'SIGINT');
    await user.exitCode;
    expect((await start()).started).toBe(false);
  });

  test('When a process is killed while it uses the server, then it no longer counts as a user', async () => {
    const user = await startUser('hold');
    await kill(user.child);
    const next = await start();
    expect(next.started).toBe(false);
    await next.stop();
    expect(await postmasterPid()).toBeUndefined();
  });
});

async function start(extra: { settings?: Record<string, string>; onLog?: (line: string) => void } = {}) {
  const server = await startEmbeddedPostgres({ dataDir, ...extra });
  servers.push(server);
  return server;
}

function spawnUser(mode: 'hold' | 'leave'): ChildProcess {
  const args = ['--import', tsx, join(base, 'user.mts'), dataDir, mode];
  // A process group of its own, as a shell gives it to a command: Ctrl-C goes to all of the group.
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  users.push(child);
  return child;
}

async function startUser(mode: 'hold' | 'leave') {
  const child = spawnUser(mode);
  const exitCode = once(child, 'exit').then(([code]) => code as number | null);
  if (child.stdout === null) throw new Error('the child has no output');
  const [line] = await once(createInterface(child.stdout), 'line');
  const { url, started }: { url: string; started: boolean } = JSON.parse(line);
  return { child, exitCode, url, started };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function expectKept(server: EmbeddedPostgres): Promise<void> {
  expect(await query(server.url('postgres'), 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
}

async function drafts(): Promise<string[]> {
  const names = await readdir(dataDir).catch(() => []);
  return names.filter((name) => name.startsWith('postgres-new-'));
}

async function postmasterPid(): Promise<number | undefined> {
  const content = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => undefined);
  return content === undefined ? undefined : Number.parseInt(content, 10);
}

/** Command lines that name this path; Linux only, elsewhere none. */
async function processesNaming(path: string): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(path));
}
