import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Backend, ReplyChannel } from './backend.ts';
import { openBullWorker, queueOptions, workerOptions, wrapQueue } from './bullmq.ts';
import { createRedisClaims } from './redis-claims.ts';

interface RedisBackendOptions {
  readonly url: string;
  readonly prefix: string;
  readonly onError: (error: Error) => void;
}

const connectTimeoutMs = 1500;
const commandTimeoutMs = 1500;

/** A connection on which an answer is expected and nothing comes for so long is made anew. */
const producerSilenceMs = 3000;

/** Above the time for which a worker lets Redis wait for a job. */
const consumerSilenceMs = 12_000;

/** A subscriber hears nothing while there is nothing to hear: it asks for a sign of life this often. */
const heartbeatMs = 5000;

const longestReconnectDelayMs = 500;
const reconnectStepMs = 50;

/** Far above any outcome; Redis itself allows 512 MiB. */
const maxMessageBytes = 1_048_576;

/** While Redis loads its data, it is asked this often whether it is done. Its own estimate may be far off. */
const askWhileLoadingMs = 500;

const shared = {
  maxLoadingRetryTime: askWhileLoadingMs,
  connectTimeout: connectTimeoutMs,
  retryStrategy: (times: number) => Math.min(times * reconnectStepMs, longestReconnectDelayMs),
};

/** Fails at once when Redis is gone, instead of keeping commands for later: a caller waits. */
const failFast = {
  ...shared,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  commandTimeout: commandTimeoutMs,
  socketTimeout: producerSilenceMs,
  lazyConnect: true,
};

/** Waits for Redis to come back: a worker has nothing else to do. */
const patient = {
  ...shared,
  maxRetriesPerRequest: null,
  enableOfflineQueue: true,
  socketTimeout: consumerSilenceMs,
};

function createReplies(sender: Redis, { url, prefix, onError }: RedisBackendOptions): ReplyChannel {
  const channel = (replica: string) => `${prefix}:reply:${replica}`;
  return {
    maxMessageBytes,
    async publish(replica, message) {
      await sender.publish(channel(replica), message);
    },
    async subscribe(replica, onMessage) {
      const receiver = new Redis(url, patient);
      receiver.on('error', onError);
      receiver.on('message', (_channel, message) => onMessage(message));
      await receiver.subscribe(channel(replica));
      const heartbeat = setInterval(() => void receiver.ping().catch(() => {}), heartbeatMs);
      return {
        async close() {
          clearInterval(heartbeat);
          receiver.disconnect();
        },
      };
    },
  };
}

/**
 * Opens the queue in Redis. The first connection is made here, so that a wrong address shows at the start.
 * @throws the error of the connection
 */
export async function openRedisBackend(options: RedisBackendOptions): Promise<Backend> {
  const { url, prefix, onError } = options;
  const producer = new Redis(url, { ...failFast, enableAutoPipelining: true });
  // Not the producer's: with BullMQ's scripts defined on it, a pipeline costs more than the command in it.
  const direct = new Redis(url, failFast);
  for (const connection of [producer, direct]) {
    connection.on('error', onError);
    await connection.connect();
  }
  const consumers: Redis[] = [];

  return {
    kind: 'redis',
    replies: createReplies(direct, options),
    openQueue(name, keepFinished) {
      const queue = new Queue(name, { ...queueOptions(keepFinished), connection: producer, prefix });
      queue.on('error', onError);
      return wrapQueue(queue, (error) => /enableOfflineQueue/.test(String(error)));
    },
    openWorker(name, concurrency, process) {
      const connection = new Redis(url, patient);
      connection.on('error', onError);
      consumers.push(connection);
      return openBullWorker(process, (run) => {
        const worker = new Worker(name, run, { ...workerOptions, connection, prefix, concurrency });
        return worker.on('error', onError);
      });
    },
    claimOnce: createRedisClaims(direct, prefix),
    async ping() {
      await producer.ping();
    },
    async close() {
      for (const connection of [producer, direct, ...consumers]) connection.disconnect();
    },
  };
}
