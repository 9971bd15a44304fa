import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findBinaries, makeMissingLinks, readMajorVersion } from '../../embedded/binaries.ts';
import { chooseRunAs } from '../../embedded/choose-run-as.ts';
import { openDataFolder } from '../../embedded/data-folder.ts';
import { explainFileError } from '../../embedded/embedded-postgres-error.ts';
import { initialiseCluster } from '../../embedded/initialise-cluster.ts';
import { type EmbeddedPostgres, EmbeddedPostgresError, startEmbeddedPostgres } from '../../embedded/postgres.ts';

const isRoot = process.geteuid?.() === 0;
const hasNamespaces = spawnSync('unshare', ['-U', 'true']).status === 0;
const enterableByAll = 0o711;
const nobody = 65_534;
const servers: EmbeddedPostgres[] = [];
let home: string;
let dataDir: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'embedded-refusals-'));
  await chmod(home, enterableByAll);
  dataDir = join(home, '.data');
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  await rm(home, { recursive: true });
});

/** Root may write everywhere, so it steps down for a moment. */
async function asOrdinaryUser<T>(run: () => Promise<T>): Promise<T> {
  if (!isRoot) return run();
  process.seteuid?.(nobody);
  return run().finally(() => process.seteuid?.(0));
}

describe('an installation or a folder that does not fit', () => {
  test('When npm made no links, then they are made and the programs run', async () => {
    const binaries = await findBinaries();
    const copy = join(home, 'package');
    await cp(dirname(dirname(dirname(binaries.postgres))), copy, { recursive: true, verbatimSymlinks: true });
    const links = JSON.parse(await readFile(join(copy, 'native', 'pg-symlinks.json'), 'utf8'));
    for (const { target } of links) await rm(join(copy, target));
    const postgres = join(copy, 'native', 'bin', 'postgres');
    await expect(readMajorVersion(postgres)).rejects.toThrow(/cannot be executed here.*set DATABASE_URL/);
    await makeMissingLinks(copy);
    expect(await readMajorVersion(postgres)).toBe(binaries.majorVersion);
  });

  test('When there is no PostgreSQL for the platform, then the error says to set DATABASE_URL', async () => {
    const attempt = findBinaries('sunos', 'sparc');
    await expect(attempt).rejects.toThrow(EmbeddedPostgresError);
    await expect(attempt).rejects.toThrow(/sunos-sparc.*set DATABASE_URL to a PostgreSQL 14 or newer/);
  });

  test('When the program needs a loader that the system lacks, then the error names the C library', async () => {
    const program = join(home, 'postgres');
    await writeFile(program, '#!/lib/no-such-loader.so\n', { mode: 0o755 });
    await expect(readMajorVersion(program)).rejects.toThrow(/C library; set DATABASE_URL/);
  });

  test.each(['.data', '.data/postgres'])('When %s is a file, then the error says so', async (path) => {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), '');
    await expectRefusal(/"[^"]+" is a file where a folder must be: .*DATA_DIR/);
  });

  test('When the folder cannot be written, then the error says so', async () => {
    await mkdir(dataDir, { mode: 0o500 });
    const error = await asOrdinaryUser(() =>
      openDataFolder(dataDir).catch((e: unknown) => explainFileError(e, dataDir)),
    );
    expect(error).toBeInstanceOf(EmbeddedPostgresError);
    expect(error).toMatchObject({ message: expect.stringMatching(/cannot be written: .*DATA_DIR/) });
  });

  test('When the cluster is of another version, then the error names both versions', async () => {
    await mkdir(join(dataDir, 'postgres'), { recursive: true });
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '14\n');
    await expectRefusal(/PostgreSQL 14, and this is PostgreSQL 18: .*DATA_DIR/);
  });

  test('When the folder holds other files, then they are left alone', async () => {
    await mkdir(join(dataDir, 'postgres'), { recursive: true });
    await writeFile(join(dataDir, 'postgres', 'diary'), 'mine');
    await expectRefusal(/holds files but no database/);
    expect(await readdir(join(dataDir, 'postgres'))).toEqual(['diary']);
  });

  test('When PostgreSQL refuses a setting, then the error has its reason and the next start works', async () => {
    await expect(start({ work_mem: 'much' })).rejects.toThrow(/FATAL: .*"work_mem"/);
    await expectRunning();
  });
});

describe.runIf(isRoot)('root, where user namespaces are off', () => {
  const noNamespaces = { prefix: ['false'] };

  test('When another user reaches the folder, then the cluster is made and run as that user', async () => {
    const [folder, binaries] = [await openDataFolder(dataDir), await findBinaries()];
    const runAs = await chooseRunAs({ ...folder, postgres: binaries.postgres }, noNamespaces);
    expect(runAs.user?.uid).toBeGreaterThan(0);
    await initialiseCluster({ folder, binaries, runAs });
    await expectRunning();
    expect(await serverUid()).toBe(runAs.user?.uid);
  });

  test.runIf(hasNamespaces)("When the cluster is root's, then the other user gets it", async () => {
    const server = await start();
    await query(server, 'CREATE TABLE kept AS SELECT 1 AS id');
    expect(await serverUid()).toBe(0);
    await server.stop();
    const reach = { ...(await openDataFolder(dataDir)), postgres: (await findBinaries()).postgres };
    const runAs = await chooseRunAs(reach, noNamespaces);
    expect(await query(await start(), 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
    expect(await serverUid()).toBe(runAs.user?.uid);
  });

  test('When no other user reaches the folder, then the error says to move it', async () => {
    await chmod(home, 0o700);
    const folder = await openDataFolder(dataDir);
    const reach = { ...folder, postgres: (await findBinaries()).postgres };
    await expect(chooseRunAs(reach, noNamespaces)).rejects.toThrow(/move DATA_DIR .* or run as another user/);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  });
});

async function start(settings: Record<string, string> = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, settings });
  servers.push(server);
  return server;
}

async function query(server: EmbeddedPostgres, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: server.url('postgres') });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function expectRunning(): Promise<void> {
  expect(await query(await start(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
}

async function expectRefusal(message: RegExp): Promise<void> {
  const attempt = start();
  await expect(attempt).rejects.toThrow(EmbeddedPostgresError);
  await expect(attempt).rejects.toThrow(message);
}

async function serverUid(): Promise<number> {
  const file = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8');
  return (await stat(`/proc/${Number.parseInt(file, 10)}`)).uid;
}
