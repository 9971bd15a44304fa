import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../db/connect.ts';
import { type Closer, createCloser } from '../../runtime/shutdown.ts';
import { cheapHashing, secretKeys } from '../services/constants.ts';
import type { QueueKind } from '../services/queues.ts';
import { freePort } from '../services/redis.ts';
import { type Actor, builtProgram, journalOf, startActor } from './actor.ts';
import { type Link, openLink } from './link.ts';
import { signal } from './process-state.ts';
import { type PostgresStore, type Store, startPostgresStore, startRedisStore } from './stores.ts';
import type { Target } from './target.ts';

export interface CastOptions {
  readonly queue: QueueKind;
  /** How long each replica waits for the outcome of a call. */
  readonly waitTimeoutsMs: readonly [number, number];
  /** The program under test: dist/cli/createcustomer.cjs, or that of a spoilt copy. */
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

interface Ground {
  readonly options: CastOptions;
  readonly folder: string;
  readonly postgres: PostgresStore;
  readonly redis: Store | undefined;
  readonly closer: Closer;
}

async function drawLine({ closer }: Ground, port: number): Promise<Link> {
  const link = await openLink(port);
  closer.add('line', async () => link.close());
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
  const { options, folder, closer } = ground;
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
  closer.add(name, actor.close);
  const url = `http://127.0.0.1:${front?.port}/xmlapi/xmlapi`;
  return { actor, front: front && { url, waitTimeoutMs, journal: journalOf(folder, name) } };
}

/** All at once; when one fails, it fails after the others have come to an end. */
async function startAll(ground: Ground) {
  const kinds = ['worker', 'api'] as const;
  const parts = kinds.flatMap((kind) =>
    ground.options.waitTimeoutsMs.map((waitTimeoutMs, index) => ({ kind, number: index + 1, waitTimeoutMs })),
  );
  const starting = parts.map((part) => startOne(ground, part));
  await Promise.allSettled(starting);
  return Promise.all(starting);
}

async function openStores(options: CastOptions, closer: Closer): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'createcustomer-chaos-'));
  closer.add('folder', async () => rmSync(folder, { recursive: true, force: true }));
  const postgres = await startPostgresStore(folder, options.queue === 'postgres');
  closer.add('PostgreSQL', postgres.stop);
  const redis = options.queue === 'redis' ? await startRedisStore() : undefined;
  if (redis) closer.add('Redis', redis.stop);
  return { options, folder, postgres, redis, closer };
}

/** Starts the stores, two workers and two replicas of the front. When something does not start, nothing stays behind. */
export async function openCast(options: CastOptions): Promise<Cast> {
  const closer = createCloser();
  try {
    const ground = await openStores(options, closer);
    const { postgres, redis } = ground;
    const started = await startAll(ground);
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
        await closer.closeAll();
      },
    };
  } catch (error) {
    await closer.closeAll();
    throw error;
  }
}
