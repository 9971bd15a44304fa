import { join } from 'node:path';
import { prepareDatabase } from '../../cli/prepare-database.ts';
import { connect, type Database } from '../../db/connect.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../embedded/postgres.ts';
import { readPostmasterFile } from '../../embedded/postmaster-file.ts';
import { readSettings } from '../../runtime/config.ts';
import { loadSecretKeys } from '../../runtime/secret-keys.ts';
import { rootPassword, secretKeys } from '../services/constants.ts';
import { freePort, startRedis } from '../services/redis.ts';
import type { Link } from './link.ts';
import { familyOf, signal } from './process-state.ts';
import type { Target } from './target.ts';

/** A server whose data must survive its death. */
export interface Store extends Target {
  readonly port: number;
  /** The lines to it are drawn after it has started, one for each process that uses it. */
  readonly links: Link[];
  stop(): Promise<void>;
}

/** Starts a Redis that answers only for what is on the disk. */
export async function startRedisStore(): Promise<Store> {
  const redis = await startRedis(['--appendfsync', 'always']);
  return {
    kind: 'redis',
    name: 'redis',
    port: redis.port,
    links: [],
    pids: () => [redis.pid()],
    kill: redis.kill,
    revive: redis.start,
    stop: redis.stop,
  };
}

/** With these gone, nothing but the key row keeps a repeated call from creating a second customer, and doubles show. */
const uniqueNames = ['customers_name_key', 'customers_web_login_key'];

async function setUp(url: string, withQueue: boolean): Promise<void> {
  const env = { DATABASE_URL: url, SECRET_KEYS: secretKeys, ROOT_API_PASSWORD: rootPassword };
  const settings = readSettings(withQueue ? env : { ...env, REDIS_URL: 'redis://127.0.0.1' });
  const db = connect({ url, applicationName: 'chaos', maxConnections: 2 });
  try {
    const database = { db, url, embedded: false };
    await prepareDatabase({ settings, database, secretKeys: loadSecretKeys(settings), say: () => {} });
    for (const name of uniqueNames) await db.raw('ALTER TABLE customers DROP CONSTRAINT ??', [name]);
    await db('trusted_hosts').insert({ ip: '127.0.0.1' });
  } finally {
    await db.destroy();
  }
}

export interface PostgresStore extends Store {
  /** The URL of its database by way of a line, or directly. */
  url(port?: number): string;
  openDatabase(): Database;
}

/** Starts a PostgreSQL as durable as in service, with a database that lacks the unique names. */
export async function startPostgresStore(folder: string, withQueue: boolean): Promise<PostgresStore> {
  const dataDir = join(folder, 'data');
  const port = await freePort();
  let server: EmbeddedPostgres;

  async function start(): Promise<void> {
    server = await startEmbeddedPostgres({ dataDir, settings: { port: `${port}` } });
  }

  async function pids(): Promise<readonly number[]> {
    const file = await readPostmasterFile(join(dataDir, 'postgres'));
    return file === undefined ? [] : familyOf(file.pid);
  }

  await start();
  const [postmaster = 0] = await pids();
  let pid = postmaster;
  const url = (to = port) => server.url('postgres').replace(/:\d+\//, `:${to}/`);
  await setUp(url(), withQueue);

  return {
    kind: 'postgres',
    name: 'postgres',
    port,
    links: [],
    pids: () => familyOf(pid),
    async kill() {
      for (const member of familyOf(pid)) signal(member, 'SIGKILL');
      // Takes the handle back; there is nothing left to stop.
      await server.stop();
    },
    async revive() {
      await start();
      pid = (await pids())[0] ?? 0;
    },
    stop: () => server.stop(),
    url,
    openDatabase: () => connect({ url: url(), applicationName: 'chaos', maxConnections: 2 }),
  };
}
