import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort, type RedisServer, startRedis, startRedisServer } from './redis.ts';
import { waitFor } from './wait-for.ts';

const slots = 16_384;
const patienceMs = 30_000;

/** Short, so that a test need not wait long; an installation takes longer ones. */
const masterName = 'main';
const downAfterMs = 1000;
const failoverTimeoutMs = 5000;
const nodeTimeoutMs = 1000;

/** Of every server here, Sentinels included. */
const password = 'p@ss:word';
const encoded = encodeURIComponent(password);
const withPassword = ['--requirepass', password, '--masterauth', password];

async function ask<T>({ port }: RedisServer, run: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis({ port, host: '127.0.0.1', password });
  redis.on('error', () => {});
  try {
    return await run(redis);
  } finally {
    redis.disconnect();
  }
}

async function stopAll(servers: readonly RedisServer[]): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
}

/** A Sentinel keeps what it learns in the file of its settings. */
function startSentinel(master: RedisServer): Promise<RedisServer> {
  return startRedisServer(({ port, folder }) => {
    const file = join(folder, 'sentinel.conf');
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `requirepass ${password}`,
      `sentinel sentinel-pass ${password}`,
      `dir ${folder}`,
      `sentinel monitor ${masterName} 127.0.0.1 ${master.port} 2`,
      `sentinel auth-pass ${masterName} ${password}`,
      `sentinel down-after-milliseconds ${masterName} ${downAfterMs}`,
      `sentinel failover-timeout ${masterName} ${failoverTimeoutMs}`,
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    return [file, '--sentinel'];
  });
}

/** True when this Sentinel knows the others and enough of them agree, and when it knows a replica to promote. */
function isReady(sentinel: RedisServer): Promise<boolean> {
  return ask(sentinel, async (redis) => {
    const quorum = await redis.call('SENTINEL', 'CKQUORUM', masterName).catch(() => '');
    const replicas = await redis.call('SENTINEL', 'REPLICAS', masterName);
    return /^OK 3/.test(String(quorum)) && /master-link-status,ok/.test(String(replicas));
  });
}

/** A master, a replica, and three Sentinels that promote the replica when the master is gone. */
export async function startSentinelGroup() {
  const master = await startRedis(withPassword);
  const replica = await startRedis([...withPassword, '--replicaof', `127.0.0.1 ${master.port}`]);
  const sentinels = await Promise.all([1, 2, 3].map(() => startSentinel(master)));
  for (const sentinel of sentinels) await waitFor(() => isReady(sentinel), patienceMs);
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
  return {
    url: `redis+sentinel://:${encoded}@${hosts}/${masterName}?sentinel_password=${encoded}`,
    master,
    replica,
    stop: () => stopAll([...sentinels, replica, master]),
  };
}

async function startNode(): Promise<RedisServer & { readonly busPort: number }> {
  const busPort = await freePort();
  const timeout = ['--cluster-node-timeout', `${nodeTimeoutMs}`];
  const node = await startRedis([
    ...withPassword,
    '--cluster-enabled',
    'yes',
    '--cluster-port',
    `${busPort}`,
    ...timeout,
  ]);
  return { ...node, busPort };
}

async function clusterState(node: RedisServer): Promise<string> {
  return String(await ask(node, (redis) => redis.cluster('INFO')));
}

/** Three masters that share the slots, and one replica of the one that has the slot of a key. */
export async function startRedisCluster(key: string) {
  const masters = await Promise.all([startNode(), startNode(), startNode()]);
  const [first] = masters;
  for (const [index, node] of masters.entries()) {
    const from = Math.ceil((slots * index) / masters.length);
    const to = Math.ceil((slots * (index + 1)) / masters.length) - 1;
    await ask(node, (redis) => redis.call('CLUSTER', 'ADDSLOTSRANGE', from, to));
    await ask(node, (redis) => redis.call('CLUSTER', 'MEET', '127.0.0.1', first.port, first.busPort));
  }
  for (const node of masters) await waitFor(async () => /cluster_state:ok/.test(await clusterState(node)), patienceMs);
  const slot = Number(await ask(first, (redis) => redis.cluster('KEYSLOT', key)));
  const owner = masters[Math.floor((slot * masters.length) / slots)] ?? first;

  /** Gives the node that has the key a replica, which takes over when it is gone. */
  async function addReplica(): Promise<RedisServer> {
    const replica = await startNode();
    servers.push(replica);
    const id = String(await ask(owner, (redis) => redis.cluster('MYID')));
    await ask(replica, (redis) => redis.call('CLUSTER', 'MEET', '127.0.0.1', first.port, first.busPort));
    await waitFor(async () => String(await ask(replica, (redis) => redis.cluster('NODES'))).includes(id), patienceMs);
    await ask(replica, (redis) => redis.call('CLUSTER', 'REPLICATE', id));
    await waitFor(async () => /master_link_status:up/.test(await ask(replica, (redis) => redis.info('replication'))));
    return replica;
  }

  const servers: RedisServer[] = [...masters];
  return {
    url: `redis+cluster://:${encoded}@${masters.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    /** The node that has the key. */
    owner,
    addReplica,
    stop: () => stopAll(servers),
  };
}
