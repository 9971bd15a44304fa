import { Cluster, Redis } from 'ioredis';
import { gatherWrites } from './gather-writes.ts';
import type { ClusterAddress, RedisAddress, SentinelAddress, SingleAddress } from './redis-address.ts';

/** A connection to one server, to the master that Sentinels name, or to the nodes of a Cluster. */
export type RedisClient = Redis | Cluster;

const connectTimeoutMs = 1500;
const commandTimeoutMs = 1500;

/** A connection on which an answer is expected and nothing comes for so long is made anew. */
const producerSilenceMs = 3000;

/** Above the time for which a worker lets Redis wait for a job. */
const consumerSilenceMs = 12_000;

/** Sentinels that do not answer are asked for ever; a wrong address must show at the start. */
const firstConnectionMs = 5000;

/** While Redis loads its data, it is asked this often whether it is done. Its own estimate may be far off. */
const askWhileLoadingMs = 500;

const longestReconnectDelayMs = 500;
const reconnectStepMs = 50;

function reconnectDelayMs(times: number): number {
  return Math.min(times * reconnectStepMs, longestReconnectDelayMs);
}

/** How a connection behaves when Redis is gone. */
interface Manner {
  /** What every socket gets. */
  readonly socket: {
    readonly connectTimeout: number;
    readonly socketTimeout: number;
    readonly maxLoadingRetryTime: number;
    readonly commandTimeout?: number;
    readonly maxRetriesPerRequest: number | null;
  };
  readonly enableOfflineQueue: boolean;
  readonly lazyConnect: boolean;
  /** How often a command to a node of a Cluster that is away is tried again, about every 100 ms. */
  readonly clusterRetries: number;
}

/** Fails at once when Redis is gone, instead of keeping commands for later: a caller waits. */
const failFast: Manner = {
  socket: {
    connectTimeout: connectTimeoutMs,
    socketTimeout: producerSilenceMs,
    maxLoadingRetryTime: askWhileLoadingMs,
    commandTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 1,
  },
  enableOfflineQueue: false,
  lazyConnect: true,
  // Long enough to connect to the node that took over, once the others say which it is.
  clusterRetries: 5,
};

/** Fails at once, too, but does not insist on a first connection: whoever looks on is there to say that Redis is gone. */
const watching: Manner = { ...failFast, lazyConnect: false };

/** Waits for Redis to come back: a worker has nothing else to do. */
const patient: Manner = {
  socket: {
    connectTimeout: connectTimeoutMs,
    socketTimeout: consumerSilenceMs,
    maxLoadingRetryTime: askWhileLoadingMs,
    maxRetriesPerRequest: null,
  },
  enableOfflineQueue: true,
  lazyConnect: false,
  // A worker that has an outcome tries to hand it in for as long as it holds the lock of the job.
  clusterRetries: 100,
};

function openSingle({ url }: SingleAddress, { socket, clusterRetries: _, ...manner }: Manner): Redis {
  return new Redis(url, { ...socket, ...manner, retryStrategy: reconnectDelayMs });
}

function openSentinel(address: SentinelAddress, { socket, clusterRetries: _, ...manner }: Manner): Redis {
  const { username, password } = address.sentinelLogin;
  return new Redis({
    ...socket,
    ...manner,
    ...address.login,
    ...(address.isTls ? { tls: {}, enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
    ...(username === undefined ? {} : { sentinelUsername: username }),
    ...(password === undefined ? {} : { sentinelPassword: password }),
    sentinels: address.sentinels.map((endpoint) => ({ ...endpoint })),
    name: address.master,
    db: address.db,
    retryStrategy: reconnectDelayMs,
    sentinelRetryStrategy: reconnectDelayMs,
    sentinelCommandTimeout: commandTimeoutMs,
    // A master that was made a replica refuses to write: the Sentinels know the new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
}

function openCluster(address: ClusterAddress, { socket, clusterRetries, ...manner }: Manner): Cluster {
  const nodes = address.nodes.map((endpoint) => ({ ...endpoint }));
  return new Cluster(nodes, {
    ...manner,
    maxRedirections: clusterRetries,
    slotsRefreshTimeout: connectTimeoutMs,
    clusterRetryStrategy: reconnectDelayMs,
    redisOptions: { ...socket, ...address.login, ...(address.isTls ? { tls: {} } : {}) },
    // A certificate names the host, so that its name must not be replaced by its address.
    ...(address.isTls ? { dnsLookup: (host, done) => done(null, host) } : {}),
  });
}

function open(address: RedisAddress, manner: Manner): RedisClient {
  if (address.kind === 'cluster') return openCluster(address, manner);
  return gatherWrites(address.kind === 'sentinel' ? openSentinel(address, manner) : openSingle(address, manner));
}

async function connectInTime(client: RedisClient): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no connection in ${firstConnectionMs} ms`)), firstConnectionMs);
  });
  await Promise.race([client.connect(), late]).finally(() => clearTimeout(timer));
}

/** Makes the connections to one Redis. Their errors are told to `onError`, and never end the process. */
export function createRedisClients(address: RedisAddress, onError: (error: Error) => void) {
  function heard<Client extends RedisClient>(client: Client): Client {
    client.on('error', onError);
    // Failures of one node are no errors of a Cluster, but an operator wants to read of them.
    client.on('node error', onError);
    return client;
  }
  return {
    /**
     * A connection for callers that wait: it fails within seconds when Redis is gone. Resolves when it is made.
     * @throws the error of the connection
     */
    async openFailFast(): Promise<RedisClient> {
      const client = heard(open(address, failFast));
      await connectInTime(client);
      return client;
    },
    /** The same for whoever looks on: it is there at once, and made as soon as Redis answers. */
    openWatching: (): RedisClient => heard(open(address, watching)),
    /** A connection that waits for Redis to come back, however long it takes. */
    openPatient: (): RedisClient => heard(open(address, patient)),
  };
}

export type RedisClients = ReturnType<typeof createRedisClients>;
