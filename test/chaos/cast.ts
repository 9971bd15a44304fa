import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Database } from '../../db/connect.ts';
import { cheapHashing, secretKeys } from '../services/constants.ts';
import type { QueueKind } from '../services/queues.ts';
import { freePort } from '../services/redis.ts';
import { type Actor, journalOf, startActor } from './actor.ts';
import { type Link, openLink } from './link.ts';
import { type PostgresStore, type Store, startPostgresStore, startRedisStore } from './stores.ts';
import type { Target } from './target.ts';

export interface CastOptions {
  readonly queue: QueueKind;
  readonly waitTimeoutMs: number;
  /** The program under test: dist/cli/main.js, or that of a spoilt copy. */
  readonly program?: string;
}

/** Everything that takes part: two of each process, the stores, and a line between any two that talk. */
export interface Cast {
  readonly actors: readonly Actor[];
  readonly targets: readonly Target[];
  /** Where clients call the replicas, each by way of a line of its own. */
  readonly urls: readonly string[];
  readonly waitTimeoutMs: number;
  /** The files in which the replicas note when each call was checked. */
  readonly journals: readonly string[];
  readonly folder: string;
  /** Opens the database directly. */
  openDatabase(): Database;
  close(): Promise<void>;
}

const builtProgram = resolve(import.meta.dirname, '../../dist/cli/main.js');
const replicas = [1, 2];

interface Ground {
  readonly options: CastOptions;
  readonly folder: string;
  readonly postgres: PostgresStore;
  readonly redis: Store | undefined;
  readonly opened: Link[];
}

async function drawLine(ground: Ground, port: number): Promise<Link> {
  const link = await openLink(port);
  ground.opened.push(link);
  return link;
}

/** The lines of one process to the stores, and the settings that make it use them. */
async function linkToStores(ground: Ground) {
  const { postgres, redis } = ground;
  const toPostgres = await drawLine(ground, postgres.port);
  postgres.links.push(toPostgres);
  const env = { DATABASE_URL: postgres.url(toPostgres.port) };
  if (!redis) return { links: [toPostgres], env };
  const toRedis = await drawLine(ground, redis.port);
  redis.links.push(toRedis);
  return { links: [toPostgres, toRedis], env: { ...env, REDIS_URL: `redis://127.0.0.1:${toRedis.port}` } };
}

async function startOne(ground: Ground, kind: Actor['kind'], number: number) {
  const { options, folder } = ground;
  const port = await freePort();
  const { links, env } = await linkToStores(ground);
  const front = kind === 'api' ? await drawLine(ground, port) : undefined;
  const settings = {
    ...env,
    ...cheapHashing,
    SECRET_KEYS: secretKeys,
    PORT: `${port}`,
    WAIT_TIMEOUT_MS: `${options.waitTimeoutMs}`,
    LOG_LEVEL: 'warn',
  };
  const actor = await startActor({
    kind,
    name: `${kind}-${number}`,
    links: front ? [...links, front] : links,
    program: options.program ?? builtProgram,
    folder,
    env: settings,
  });
  return { actor, url: front && `http://127.0.0.1:${front.port}/xmlapi/xmlapi` };
}

/** Starts the stores, two workers and two replicas of the front. */
export async function openCast(options: CastOptions): Promise<Cast> {
  const folder = mkdtempSync(join(tmpdir(), 'createcustomer-chaos-'));
  const postgres = await startPostgresStore(folder, options.queue === 'postgres');
  const redis = options.queue === 'redis' ? await startRedisStore() : undefined;
  const ground: Ground = { options, folder, postgres, redis, opened: [] };
  const kinds = ['worker', 'api'] as const;
  const started = await Promise.all(kinds.flatMap((kind) => replicas.map((number) => startOne(ground, kind, number))));
  const actors = started.map(({ actor }) => actor);
  const fronts = actors.filter(({ kind }) => kind === 'api');
  return {
    actors,
    targets: [...actors, postgres, ...(redis ? [redis] : [])],
    urls: started.flatMap(({ url }) => url ?? []),
    waitTimeoutMs: options.waitTimeoutMs,
    journals: fronts.map(({ name }) => journalOf(folder, name)),
    folder,
    openDatabase: postgres.openDatabase,
    async close() {
      await Promise.all(actors.map((actor) => actor.close()));
      for (const link of ground.opened) link.close();
      await redis?.stop();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
