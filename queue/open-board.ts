import { once } from 'node:events';
import { createPostgresBackend, Queue } from 'bullmq';
import { Cluster } from 'ioredis';
import { countWorkers } from './bullmq.ts';
import { callQueueName } from './consume.ts';
import { importQueueName } from './import-queue.ts';
import { readRedisAddress } from './redis-address.ts';
import { createRedisClients, type RedisClient } from './redis-client.ts';

const connectTimeoutMs = 1500;
const commandTimeoutMs = 2000;
const postgresConnections = 2;

/** Any other may lose jobs. */
const wantedPolicy = 'noeviction';

const queueNames = [callQueueName, importQueueName] as const;

/** How many jobs of a queue are in which state. */
export interface QueueDepth {
  readonly queue: string;
  readonly waiting: number;
  readonly active: number;
  readonly failed: number;
}

/** What Redis says of itself. */
export interface RedisState {
  readonly version: string;
  readonly usedMemoryBytes: number;
  readonly clients: number;
  readonly uptimeSeconds: number;
  /** Anything but `noeviction` may lose jobs. */
  readonly evictionPolicy: string;
}

/** Both queues, for those who look at them. Opened also when their store is away: what is asked of it then rejects. */
export interface BoardQueues {
  readonly kind: 'redis' | 'postgres';
  /** BullMQ's own queues, which Bull Board needs. */
  readonly queues: readonly Queue[];
  /** Resolves when the store answers. Rejects at once when Redis is away, for which BullMQ itself would wait. */
  ping(): Promise<unknown>;
  depths(): Promise<readonly QueueDepth[]>;
  workerCount(): Promise<number>;
  /** Undefined where the queues are in PostgreSQL. */
  redisState(): Promise<RedisState | undefined>;
  close(): Promise<void>;
}

async function depthOf(queue: Queue): Promise<QueueDepth> {
  const counts = await queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active', 'failed');
  const { waiting = 0, prioritized = 0, delayed = 0, active = 0, failed = 0 } = counts;
  return { queue: queue.name, waiting: waiting + prioritized + delayed, active, failed };
}

function boardOf(queues: readonly Queue[], ping: () => Promise<unknown>) {
  return {
    queues,
    ping,
    async depths() {
      await ping();
      return Promise.all(queues.map(depthOf));
    },
    async workerCount() {
      await ping();
      const counts = await Promise.all(queues.map(countWorkers));
      return counts[0] ?? 0;
    },
  };
}

function parseInfo(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\r\n').filter((line) => line.includes(':'));
  return Object.fromEntries(lines.map((line) => [line.split(':', 1)[0], line.slice(line.indexOf(':') + 1)]));
}

function sum(infos: readonly Readonly<Record<string, string>>[], name: string): number {
  return infos.reduce((total, info) => total + Number(info[name]), 0);
}

/** Of a Cluster, all masters together, and the setting of the one that is not as it must be, if there is one. */
async function readRedisState(redis: RedisClient): Promise<RedisState> {
  const nodes = redis instanceof Cluster ? redis.nodes('master') : [redis];
  const infos = (await Promise.all(nodes.map((node) => node.info()))).map(parseInfo);
  const policies = infos.map(({ maxmemory_policy = '' }) => maxmemory_policy);
  return {
    version: infos[0]?.redis_version ?? '',
    usedMemoryBytes: sum(infos, 'used_memory'),
    clients: sum(infos, 'connected_clients'),
    uptimeSeconds: Math.min(...infos.map(({ uptime_in_seconds }) => Number(uptime_in_seconds))),
    evictionPolicy: policies.find((policy) => policy !== wantedPolicy) ?? wantedPolicy,
  };
}

/** Opens both queues in Redis, on a connection that fails fast and is made again and again. */
export function openRedisBoard(options: {
  readonly url: string;
  readonly prefix: string;
  readonly onError: (error: Error) => void;
}): BoardQueues {
  const { url, prefix, onError } = options;
  const connection = createRedisClients(readRedisAddress(url), onError).openWatching();
  const queues = queueNames.map((name) => new Queue(name, { connection, prefix }).on('error', onError));
  // Whoever asks in the first moment must not be told that Redis is away. An error ends the wait.
  const decided = once(connection, 'ready', { signal: AbortSignal.timeout(connectTimeoutMs) }).catch(() => {});

  /** Asks the node that has our keys; a PING would ask any node of a Cluster. */
  async function ping(): Promise<void> {
    await decided;
    await connection.exists(`${prefix}:reachable`);
  }

  return {
    kind: 'redis',
    ...boardOf(queues, ping),
    async redisState() {
      await ping();
      return readRedisState(connection);
    },
    async close() {
      connection.disconnect();
    },
  };
}

/** Opens both queues in PostgreSQL. */
export function openPostgresBoard(options: {
  readonly url: string;
  readonly onError: (error: Error) => void;
}): BoardQueues {
  const connection = {
    connectionString: options.url,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: commandTimeoutMs,
    max: postgresConnections,
  };
  const queues = queueNames.map((name) => {
    const queue = new Queue(name, { connection }, createPostgresBackend).on('error', options.onError);
    // Bull Board takes it at run time, but its types know queues in Redis alone.
    return queue as unknown as Queue;
  });
  return {
    kind: 'postgres',
    // Its pool gives up by itself.
    ...boardOf(queues, () => Promise.resolve()),
    redisState: () => Promise.resolve(undefined),
    async close() {
      await Promise.all(queues.map((queue) => queue.close()));
    },
  };
}
