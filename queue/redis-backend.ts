import { randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import { type Backend, type JobQueue, QueueUnavailable, type ReplyChannel } from './backend.ts';
import { openBullWorker, workerOptions, wrapQueue } from './bullmq.ts';
import { openFetchers } from './fetchers.ts';
import { hearOnCluster } from './hear-on-cluster.ts';
import { readRedisAddress } from './redis-address.ts';
import { createRedisClaims } from './redis-claims.ts';
import { createRedisClients, type RedisClient, type RedisClients } from './redis-client.ts';

interface RedisBackendOptions {
  /** One server, or a form for Sentinel or Cluster: see `readRedisAddress`. */
  readonly url: string;
  /** Stands before every key and channel. On a Cluster its part in braces puts them all on one node. */
  readonly prefix: string;
  readonly onError: (error: Error) => void;
}

/** A subscriber hears nothing while there is nothing to hear: it asks for a sign of life this often. */
const heartbeatMs = 5000;

/**
 * A worker of BullMQ that may have several jobs asks for the waiting ones one after the other, a round trip for each, and begins with
 * none before it has them all. So each job of ours has a worker of BullMQ, with a connection that waits; beyond this many, they share.
 */
const maxFetchers = 32;

/** Far above any outcome; Redis itself allows 512 MiB. */
const maxMessageBytes = 1_048_576;

function createReplies(sender: RedisClient, clients: RedisClients, prefix: string): ReplyChannel {
  const channel = (replica: string) => `${prefix}:reply:${replica}`;
  const publish = async (replica: string, message: string): Promise<void> => {
    await sender.publish(channel(replica), message);
  };
  return {
    maxMessageBytes,
    publish,
    async subscribe(replica, onMessage) {
      // There a PING goes to any node, and not over the connection that hears.
      if (sender.isCluster) {
        const open = clients.openPatient;
        return hearOnCluster({ channel: channel(replica), open, publish: (text) => publish(replica, text), onMessage });
      }
      const receiver = clients.openPatient();
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
 * A Cluster sends a command whose connection broke to the node once more, so that a failed `add` never says that nothing
 * was added. Asking the node beforehand does, for a round trip more, and calls that find it gone are certain.
 */
function askBeforeAdding<Job extends object, Result>(
  queue: JobQueue<Job, Result>,
  reach: () => Promise<unknown>,
): JobQueue<Job, Result> {
  return {
    ...queue,
    async add(jobId, job) {
      await reach().catch((error: unknown) => {
        throw new QueueUnavailable(false, error);
      });
      await queue.add(jobId, job);
    },
  };
}

/** True for errors which say that a command was never sent. */
function isUnsent(error: unknown): boolean {
  return /enableOfflineQueue/.test(String(error));
}

/**
 * Opens the queue in Redis. The first connection is made here, so that a wrong address shows at the start.
 * @throws the error of the connection
 */
export async function openRedisBackend({ url, prefix, onError }: RedisBackendOptions): Promise<Backend> {
  const address = readRedisAddress(url);
  const clients = createRedisClients(address, onError);
  const isCluster = address.kind === 'cluster';
  const producer = await clients.openFailFast();
  const consumers: RedisClient[] = [];

  /** Asks the node that has our keys; a PING would ask any node of a Cluster. */
  const reach = () => producer.exists(`${prefix}:reachable`);

  return {
    kind: 'redis',
    replies: createReplies(producer, clients, prefix),
    openQueue<Job extends object, Result>(name: string) {
      const bullQueue = new Queue(name, { connection: producer, prefix });
      bullQueue.on('error', onError);
      const queue = wrapQueue<Job, Result>(bullQueue, (error) => !isCluster && isUnsent(error));
      return isCluster ? askBeforeAdding(queue, reach) : queue;
    },
    openWorker(name, { concurrency, keep }, process) {
      const connection = clients.openPatient();
      consumers.push(connection);
      const common = { ...workerOptions(keep), connection, prefix, name: randomUUID() };
      const count = Math.min(concurrency, maxFetchers);
      return openBullWorker(process, (run) =>
        openFetchers(count, run, (index, take: typeof run) => {
          const share = Math.floor((concurrency + index) / count);
          const options = { ...common, concurrency: share, skipStalledCheck: index > 0 };
          return new Worker(name, take, options).on('error', onError);
        }),
      );
    },
    claimOnce: createRedisClaims(producer, prefix),
    async ping() {
      await reach();
    },
    async close() {
      for (const connection of [producer, ...consumers]) connection.disconnect();
    },
  };
}
