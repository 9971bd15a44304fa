import { randomUUID } from 'node:crypto';
import { openObserver } from '../cli/observe.ts';
import type { CallRecord } from '../db/call-journal.ts';
import { createLogger } from '../runtime/logger.ts';
import { settingsSchema } from '../runtime/settings.ts';
import { mapSideBySide } from '../runtime/side-by-side.ts';
import { monitorSettings, readMonitor } from '../test/services/monitor.ts';
import { serviceSettings, startService } from '../test/services/service.ts';
import { createPasswordHasher } from '../worker/passwords.ts';
import { cpuTimeMs, familyCpuTimeMs } from './cpu-time.ts';
import type { BenchGround } from './ground.ts';
import { connectionsTo, postgresPid } from './meters.ts';
import type { Row } from './table.ts';

const hashes = 160;
const looks = 20;

/** As many calls as come within half a second of a very busy api. */
const callsInBatch = 500;
const batches = 20;
const microseconds = 1000;
const noted = 'Noted';

/** One password at the parameters that are set by default, as many at a time as a worker has jobs: they are in each other's way. */
export async function measureHash(): Promise<number> {
  const { ARGON2_MEMORY_KIB, ARGON2_TIME_COST, WORKER_CONCURRENCY } = settingsSchema.properties;
  const hash = createPasswordHasher({ memoryKib: ARGON2_MEMORY_KIB.default, timeCost: ARGON2_TIME_COST.default });
  const lanes = WORKER_CONCURRENCY.default;
  const before = process.cpuUsage();
  await mapSideBySide(lanes, Array.from({ length: hashes }), () => hash('correct7horse'));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / microseconds / hashes;
}

/** What it takes to note a call for metrics, overview and search. No call waits for the part that is PostgreSQL's. */
export async function measureNotes({ db }: BenchGround): Promise<readonly Row[]> {
  const postgres = await postgresPid(db);
  const before = { own: process.cpuUsage(), postgres: familyCpuTimeMs(postgres) };
  for (let batch = 0; batch < batches; batch += 1) {
    const observer = openObserver({ db, log: createLogger('silent') });
    for (let call = 0; call < callsInBatch; call += 1) observer.answered(record());
    await observer.close();
  }
  const { user, system } = process.cpuUsage(before.own);
  const postgresMs = familyCpuTimeMs(postgres) - before.postgres;
  const calls = batches * callsInBatch;
  const ids = await db('calls').where({ name: noted }).pluck('request_id');
  if (ids.length !== calls) throw new Error('Calls were not noted');
  return [
    { what: 'noting a call: api', value: (user + system) / calls, unit: 'µs of CPU' },
    { what: 'noting a call: PostgreSQL', value: (postgresMs / calls) * microseconds, unit: 'µs of CPU' },
  ];
}

function record(): CallRecord {
  const now = Date.now();
  const times = { receivedAt: now, queuedAt: now, takenAt: now, committedAt: now, answeredAt: now };
  const who = { mode: 'trusted', address: '127.0.0.1', i_wholesaler: 1, i_customer: 1 } as const;
  return { requestId: randomUUID(), jobId: randomUUID(), name: noted, outcome: 'OK', ...who, ...times };
}

/** A monitor while somebody looks at the overview, which asks every two seconds: here as fast as it can. */
export async function measureMonitor(ground: BenchGround): Promise<readonly Row[]> {
  const settings = { ...serviceSettings(ground.databaseUrl), ...monitorSettings, REDIS_URL: ground.redisUrl };
  const monitor = await startService({ ...settings, QUEUE_PREFIX: '{cost}' }, ['--role', 'monitor']);
  const { pid = 0 } = monitor.process;
  try {
    const postgres = await postgresPid(ground.db);
    await readMonitor(monitor, '/api/overview');
    const before = { monitor: cpuTimeMs(pid), postgres: familyCpuTimeMs(postgres) };
    for (let look = 0; look < looks; look += 1) await readMonitor(monitor, '/api/overview');
    const cost = {
      monitor: cpuTimeMs(pid) - before.monitor,
      postgres: familyCpuTimeMs(postgres) - before.postgres,
    };
    const port = Number(new URL(ground.databaseUrl).port);
    return [
      { what: 'one look at the overview: monitor', value: cost.monitor / looks, unit: 'ms of CPU' },
      { what: 'one look at the overview: PostgreSQL', value: cost.postgres / looks, unit: 'ms of CPU' },
      { what: 'connections of one monitor to PostgreSQL', value: connectionsTo(pid, port), unit: '' },
    ];
  } finally {
    await monitor.stop();
  }
}
