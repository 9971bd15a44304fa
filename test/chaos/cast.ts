import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Database } from '../../db/connect.ts';
import { cheapHashing, secretKeys } from '../services/constants.ts';
import type { QueueKind } from '../services/queues.ts';
import { freePort } from '../services/redis.ts';
import { type Actor, journalOf, startActor } from './actor.ts';
import { type Link, openLink } from './link.ts';
import { signal } from './process-state.ts';
import { type PostgresStore, type Store, startPostgresStore, startRedisStore } from './stores.ts';
import type { Target } from './target.ts';

export interface CastOptions {
  readonly queue: QueueKind;
  /** How long each replica waits for the outcome of a call. */
  readonly waitTimeoutsMs: readonly [number, number];
  /** The program under test: dist/cli/main.js, or that of a spoilt copy. */
  readonly program?: string;
}

/** A replica of the api as its clients know it. */
export interface Front {
  /** By way of a line of its own. */
  readonly url: string;
  readonly waitTimeoutMs: number;
  /** The file in which it notes when each call was checked. */
  readonly journal: string;
}

/** Everything that takes part: two of each process, the stores, and a line between any two that talk. */
export interface Cast {
  readonly actors: readonly Actor[];
  readonly targets: readonly Target[];
  readonly fronts: readonly Front[];
  /** Opens the database directly. */
  openDatabase(): Database;
  close(): Promise<void>;
}

const builtProgram = resolve(import.meta.dirname, '../../dist/cli/main.js');

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

interface Part {
  readonly kind: Actor['kind'];
  readonly number: number;
  readonly waitTimeoutMs: number;
}

async function startOne(ground: Ground, { kind, number, waitTimeoutMs }: Part) {
  const { options, folder } = ground;
  const name = `${kind}-${number}`;
  const port = await freePort();
  const { links, env } = await linkToStores(ground);
  const front = kind === 'api' ? await drawLine(ground, port) : undefined;
  const actor = await startActor({
    kind,
    name,
    links: front ? [...links, front] : links,
    program: options.program ?? builtProgram,
    folder,
    env: {
      ...env,
      ...cheapHashing,
      SECRET_KEYS: secretKeys,
      PORT: `${port}`,
      WAIT_TIMEOUT_MS: `${waitTimeoutMs}`,
      LOG_LEVEL: 'warn',
    },
  });
  const url = `http://127.0.0.1:${front?.port}/xmlapi/xmlapi`;
  return { actor, front: front && { url, waitTimeoutMs, journal: journalOf(folder, name) } };
}

/** Starts the stores, two workers and two replicas of the front. */
export async function openCast(options: CastOptions): Promise<Cast> {
  const folder = mkdtempSync(join(tmpdir(), 'createcustomer-chaos-'));
  const postgres = await startPostgresStore(folder, options.queue === 'postgres');
  const redis = options.queue === 'redis' ? await startRedisStore() : undefined;
  const ground: Ground = { options, folder, postgres, redis, opened: [] };
  const kinds = ['worker', 'api'] as const;
  const parts = kinds.flatMap((kind) =>
    options.waitTimeoutsMs.map((waitTimeoutMs, index) => ({ kind, number: index + 1, waitTimeoutMs })),
  );
  const started = await Promise.all(parts.map((part) => startOne(ground, part)));
  const actors = started.map(({ actor }) => actor);
  const targets = [...actors, postgres, ...(redis ? [redis] : [])];
  return {
    actors,
    targets,
    fronts: started.flatMap(({ front }) => front ?? []),
    openDatabase: postgres.openDatabase,
    async close() {
      // A run that was broken off may leave some of them frozen.
      for (const pid of targets.flatMap((target) => target.pids())) signal(pid, 'SIGCONT');
      await Promise.all(actors.map((actor) => actor.close()));
      for (const link of ground.opened) link.close();
      await redis?.stop();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
