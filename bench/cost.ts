import { Redis } from 'ioredis';
import { encodeCall } from '../api/encode.ts';
import { type Service, serviceSettings, startService } from '../test/services/service.ts';
import { waitFor } from '../test/services/wait-for.ts';
import { openConnection } from './connection.ts';
import { cpuTimeMs, familyCpuTimeMs } from './cpu-time.ts';
import type { BenchGround } from './ground.ts';
import { connectionsTo, postgresPid, readDatabaseCounters, readRedisCounters } from './meters.ts';
import { measureHash, measureMonitor, measureNotes } from './standing-costs.ts';
import { median } from './statistics.ts';
import type { Row } from './table.ts';

const rounds = 3;

/** Fewer where a call takes longer. */
const callsInRound = { Redis: 2000, PostgreSQL: 800 };
const clients = 32;
const rates = [100, 1000, 10_000];
const second = 1000;

type Kind = 'Redis' | 'PostgreSQL';

interface Cast {
  readonly kind: Kind;
  readonly ground: BenchGround;
  readonly api: Service;
  readonly worker: Service;
  readonly redis: Redis;
  readonly postgres: number;
}

let names = 0;

function document(url: URL): string {
  names += 1;
  const name = `Cost ${names} ${process.pid}`;
  const body = encodeCall('createCustomer', [{ name, web_password: 'correct7horse', i_tariff: 1, i_wholesaler: 1 }]);
  const head = `POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: text/xml\r\n`;
  return `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

async function makeCalls(service: Service, count: number): Promise<void> {
  const url = new URL(service.url);
  let left = count;
  async function client(): Promise<void> {
    const connection = await openConnection(url);
    for (; left > 0; left -= 1) {
      const { body } = await connection.send(document(url));
      if (!body.includes('<string>OK</string>')) throw new Error(`A call was not answered OK: ${body}`);
    }
    connection.close();
  }
  await Promise.all(Array.from({ length: clients }, client));
}

const pidOf = ({ process: { pid = 0 } }: Service) => pid;

async function readAll({ ground, redis, api, worker, postgres }: Cast) {
  const store = await readRedisCounters(redis);
  const { wal, size } = await readDatabaseCounters(ground.db);
  return {
    api: cpuTimeMs(pidOf(api)),
    worker: cpuTimeMs(pidOf(worker)),
    redis: cpuTimeMs(store.pid),
    postgres: familyCpuTimeMs(postgres),
    wal,
    size,
    ...store,
  };
}

type Counters = Awaited<ReturnType<typeof readAll>>;

async function isJournalWritten({ db }: BenchGround): Promise<boolean> {
  const { rows } = await db.raw("SELECT count(*) AS calls FROM calls WHERE name LIKE 'Cost %'");
  return Number(rows[0].calls) >= names;
}

/** What one call added to each counter, in one round. */
async function measure(cast: Cast): Promise<Counters> {
  const before = await readAll(cast);
  const calls = callsInRound[cast.kind];
  await makeCalls(cast.api, calls);
  // The journal of calls is written twice a second, and its last part belongs to these calls.
  await waitFor(() => isJournalWritten(cast.ground));
  const after = await readAll(cast);
  const perCall = Object.entries(after).map(([name, value]) => [
    name,
    (value - before[name as keyof Counters]) / calls,
  ]);
  return Object.fromEntries(perCall) as Counters;
}

function connections({ ground, api, worker, kind }: Cast): readonly Row[] {
  const ports = { PostgreSQL: Number(new URL(ground.databaseUrl).port), Redis: Number(new URL(ground.redisUrl).port) };
  return Object.entries({ api, worker }).flatMap(([role, service]) =>
    Object.entries(ports).map(([store, port]) => ({
      what: `queue in ${kind}: connections of one ${role} under load to ${store}`,
      value: connectionsTo(pidOf(service), port),
      unit: '',
    })),
  );
}

/** Queue, and what one call costs there. Whatever is paid for the hash is left out: hashing is as cheap as it can be. */
async function measureKind(
  kind: Kind,
  ground: BenchGround,
): Promise<{ readonly cost: Counters; readonly rows: Row[] }> {
  const queue = kind === 'Redis' ? { REDIS_URL: ground.redisUrl, QUEUE_PREFIX: '{cost}' } : {};
  const settings = { ...serviceSettings(ground.databaseUrl), ...queue, LOG_LEVEL: 'info' };
  const worker = await startService(settings, ['--role', 'worker']);
  const api = await startService(settings, ['--role', 'api']);
  const redis = new Redis(ground.redisUrl);
  try {
    const cast = { kind, ground, api, worker, redis, postgres: await postgresPid(ground.db) };
    await makeCalls(api, callsInRound[kind]);
    await waitFor(() => isJournalWritten(ground));
    const all: Counters[] = [];
    while (all.length < rounds) all.push(await measure(cast));
    const names = Object.keys(all[0] ?? {}) as (keyof Counters)[];
    const cost = Object.fromEntries(names.map((name) => [name, median(all.map((one) => one[name]))])) as Counters;
    return { cost, rows: [...toRows(kind, cost), ...connections(cast)] };
  } finally {
    redis.disconnect();
    await api.stop();
    await worker.stop();
  }
}

function toRows(kind: Kind, cost: Counters): readonly Row[] {
  const row = (what: string, value: number, unit: string): Row => ({ what: `queue in ${kind}: ${what}`, value, unit });
  const inRedis = [
    row('Redis', cost.redis, 'ms of CPU'),
    row('commands that Redis gets', cost.sent, ''),
    row('commands that scripts run in Redis', cost.run, ''),
    row('to and from Redis', cost.received + cost.answered, 'bytes'),
    row('append-only file of Redis', cost.appended, 'bytes'),
    row('memory of Redis, while the job is kept', cost.memory, 'bytes'),
  ];
  return [
    row('api', cost.api, 'ms of CPU'),
    row('worker, beside the hash', cost.worker, 'ms of CPU'),
    row('PostgreSQL', cost.postgres, 'ms of CPU'),
    row('WAL of PostgreSQL', cost.wal, 'bytes'),
    row('kept in the database', cost.size, 'bytes'),
    ...(kind === 'Redis' ? inRedis : []),
  ];
}

/** Processors that are busy at a rate of calls: what each part takes. */
function plan(cost: Counters, hashMs: number): readonly Row[] {
  const parts = { api: cost.api, worker: cost.worker + hashMs, Redis: cost.redis, PostgreSQL: cost.postgres };
  return rates.flatMap((rate) =>
    Object.entries(parts).map(([part, ms]) => ({
      what: `${rate} calls a second: ${part}`,
      value: (rate * ms) / second,
      unit: 'processors busy',
    })),
  );
}

/** What a call costs in each role, and so what many calls need. */
export async function benchCost(ground: BenchGround): Promise<readonly Row[]> {
  const hashMs = await measureHash();
  const redis = await measureKind('Redis', ground);
  const postgres = await measureKind('PostgreSQL', ground);
  const monitor = await measureMonitor(ground);
  const notes = await measureNotes(ground);
  const hash = { what: 'worker: hash of one password', value: hashMs, unit: 'ms of CPU' };
  return [hash, ...redis.rows, ...postgres.rows, ...notes, ...monitor, ...plan(redis.cost, hashMs)];
}
