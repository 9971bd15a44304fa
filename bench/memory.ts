import { readFileSync } from 'node:fs';
import { rootPassword } from '../test/services/constants.ts';
import { serviceSettings } from '../test/services/service.ts';
import { startOurs } from './contestants.ts';
import type { BenchGround } from './ground.ts';
import { openMeter } from './measure-calls.ts';
import { median } from './statistics.ts';
import type { Row } from './table.ts';

const connections = 64;
const sliceMs = 10_000;
const minute = 60_000;
const login = { user: 'root', password: rootPassword };
const limitMb = 200;
const megabyte = 1_000_000;

/** What must not grow: the last third of the time compared with the middle one. */
const flat = 1.1;

/** Both ends of the run, whichever comes last; `MEMORY_CALLS` and `MEMORY_MINUTES` make it shorter. */
function lengthOfRun() {
  return {
    calls: Number(process.env.MEMORY_CALLS ?? 200_000),
    ms: Number(process.env.MEMORY_MINUTES ?? 30) * minute,
  };
}

function residentMb(pid: number): number {
  return (Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024) / megabyte;
}

/** The resident memory of the api role over many calls and a long time. */
export async function benchMemory(ground: BenchGround): Promise<readonly Row[]> {
  const { calls: wantedCalls, ms: wantedMs } = lengthOfRun();
  const meter = await openMeter(ground);
  const cheap = { ...serviceSettings(ground.databaseUrl), LOG_LEVEL: 'warn', REDIS_URL: ground.redisUrl };
  const contestant = await startOurs({ ...cheap, QUEUE_PREFIX: '{bench-memory}' });
  const [api = 0] = contestant.pids;
  const sizes: number[] = [];
  let calls = 0;
  try {
    for (const end = Date.now() + wantedMs; Date.now() < end || calls < wantedCalls; ) {
      calls += (await meter.measure({ contestant, connections, login }, sliceMs)).calls;
      sizes.push(residentMb(api));
    }
    await meter.requireAll();
  } finally {
    await contestant.stop();
    meter.close();
  }
  const third = Math.ceil(sizes.length / 3);
  const growth = median(sizes.slice(-third)) / median(sizes.slice(third, 2 * third));
  return [
    { what: 'calls', value: calls, unit: '' },
    {
      what: 'resident memory of the api role, at the end',
      value: sizes.at(-1) ?? 0,
      unit: 'MB',
      promised: { atMost: limitMb },
    },
    { what: 'resident memory, last third ÷ middle third', value: growth, unit: '', promised: { atMost: flat } },
  ];
}
