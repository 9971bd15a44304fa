import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { prepareDatabase } from '../../cli/prepare-database.ts';
import { connect } from '../../db/connect.ts';
import { startEmbeddedPostgres } from '../../embedded/postgres.ts';
import { readSettings } from '../../runtime/config.ts';
import { loadSecretKeys } from '../../runtime/secret-keys.ts';
import { rootPassword, secretKeys } from './constants.ts';
import { hasRedis, startRedis } from './redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the PostgreSQL server, ending in its database `postgres`. */
    readonly postgresUrl: string;
    /** URL of Redis, or empty where there is none. */
    readonly redisUrl: string;
    /** Path of Chromium, or empty where there is none. */
    readonly chromium: string;
  }
}

/** Test data need not survive a power cut. */
const fast = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** Makes the database that every test file gets a copy of: migrated and set up, with both queues' schema. */
async function makeTemplate(postgresUrl: string): Promise<void> {
  const admin = connect({ url: postgresUrl, applicationName: 'tests', maxConnections: 1 });
  await admin.raw('CREATE DATABASE template_migrated');
  await admin.destroy();
  const url = postgresUrl.replace(/postgres$/, 'template_migrated');
  const settings = readSettings({ DATABASE_URL: url, SECRET_KEYS: secretKeys, ROOT_API_PASSWORD: rootPassword });
  const db = connect({ url, applicationName: 'tests', maxConnections: 2 });
  const database = { db, url, embedded: false };
  await prepareDatabase({ settings, database, secretKeys: loadSecretKeys(settings), say: () => {} });
  await db.destroy();
}

async function startRedisIfPresent() {
  if (hasRedis()) return startRedis();
  if (process.env.CI) throw new Error('redis-server is not on the PATH: in CI nothing may be skipped');
  console.warn('\n*** SKIPPED: every test over Redis. Install redis-server to run them. ***\n');
  return undefined;
}

function findOnPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, program)).find((file) => existsSync(file));
}

function requireCurl(): void {
  if (findOnPath('curl') === undefined) throw new Error('curl is not on the PATH: the tests call the service with it');
}

function findChromium(): string {
  const found = findOnPath('chromium');
  if (found !== undefined) return found;
  if (process.env.CI) throw new Error('chromium is not on the PATH: in CI nothing may be skipped');
  console.warn('\n*** SKIPPED: the tests in a browser. Install chromium to run them. ***\n');
  return '';
}

/** Starts one PostgreSQL and, where it is installed, one Redis for all test files. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  requireCurl();
  const dataDir = mkdtempSync(join(tmpdir(), 'createcustomer-tests-'));
  const postgres = await startEmbeddedPostgres({ dataDir, settings: fast });
  const postgresUrl = postgres.url('postgres');
  await makeTemplate(postgresUrl);
  const redis = await startRedisIfPresent();
  project.provide('postgresUrl', postgresUrl);
  project.provide('chromium', findChromium());
  project.provide('redisUrl', redis?.url ?? '');

  return async () => {
    await redis?.stop();
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
