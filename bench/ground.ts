import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDatabase } from '../cli/prepare-database.ts';
import { connect, type Database } from '../db/connect.ts';
import { startEmbeddedPostgres } from '../embedded/postgres.ts';
import { readSettings } from '../runtime/config.ts';
import { loadSecretKeys } from '../runtime/secret-keys.ts';
import { rootPassword, secretKeys } from '../test/services/constants.ts';
import { startRedis } from '../test/services/redis.ts';

/** Real servers for one run of the benchmark, with settings as durable as in service. */
export interface BenchGround {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly db: Database;
  /** The processes of PostgreSQL, which has children, and of Redis. */
  readonly serverPids: readonly number[];
  close(): Promise<void>;
}

const connections = 4;

/** Starts a PostgreSQL with an up-to-date database, and a Redis; loopback is a trusted host. */
export async function openGround(): Promise<BenchGround> {
  const dataDir = mkdtempSync(join(tmpdir(), 'createcustomer-bench-'));
  const postgres = await startEmbeddedPostgres({ dataDir });
  const redis = await startRedis();
  const url = postgres.url('postgres');
  const settings = readSettings({ DATABASE_URL: url, SECRET_KEYS: secretKeys, ROOT_API_PASSWORD: rootPassword });
  const db = connect({ url, applicationName: 'bench', maxConnections: connections });
  const database = { db, url, embedded: false };
  await prepareDatabase({ settings, database, secretKeys: loadSecretKeys(settings), say: () => {} });
  await db('trusted_hosts').insert({ ip: '127.0.0.1' });
  return {
    databaseUrl: url,
    redisUrl: redis.url,
    db,
    serverPids: [Number.parseInt(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8'), 10), redis.pid()],
    async close() {
      await db.destroy();
      await redis.stop();
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
