import { rootPassword } from '../test/services/constants.ts';
import { serviceSettings } from '../test/services/service.ts';
import { type Contestant, startNoQueue, startOurs, startTextbook, withRedis } from './contestants.ts';
import type { BenchGround } from './ground.ts';
import { createInserting, decodesPerSecond, defaultHash, hashesPerSecond } from './limits.ts';
import { type Manner, type Measured, openMeter } from './measure-calls.ts';
import { type Series, writeReport } from './report.ts';
import { alternate, median, medianRatio } from './statistics.ts';
import type { Row } from './table.ts';

const rounds = 5;
const measureMs = 3000;

/** Connections are new in each measurement. */
const settleMs = 500;

/** How many calls are made before others count, and for how long at the most. */
interface RunIn {
  readonly calls: number;
  readonly longestMs: number;
}

/** Code is fast once it has run some thousand times. */
const warmUp: RunIn = { calls: 6000, longestMs: 20_000 };

/** Much of that is lost while others have their turn: V8 uses a quiet half minute to clear up, and forgets what it has learnt. */
const rewarm: RunIn = { calls: 4000, longestMs: 6000 };

const runInStepMs = 1000;

const connectionCounts = [1, 16, 64, 256];
const crowd = 64;
const root = { user: 'root', password: rootPassword };

interface Entry {
  readonly name: string;
  readonly start: () => Promise<Contestant>;
  /** Called with Digest; the others are trusted. */
  readonly withLogin: boolean;
}

function entriesOf(ground: BenchGround): readonly Entry[] {
  const cheap = { ...serviceSettings(ground.databaseUrl), LOG_LEVEL: 'warn' };
  const { memoryCost, timeCost } = defaultHash;
  const dear = { ...cheap, ARGON2_MEMORY_KIB: String(memoryCost), ARGON2_TIME_COST: String(timeCost) };
  const textbook = () => withRedis((redisUrl) => startTextbook(ground.databaseUrl, redisUrl));
  const ours = (settings: typeof cheap) => () =>
    withRedis((redisUrl) => startOurs({ ...settings, REDIS_URL: redisUrl }));
  return [
    { name: 'textbook', start: textbook, withLogin: false },
    { name: 'no queue', start: () => startNoQueue(cheap), withLogin: true },
    { name: 'ours', start: ours(cheap), withLogin: true },
    { name: 'ours, trusted', start: ours(cheap), withLogin: false },
    { name: 'ours, queue in PostgreSQL', start: () => startOurs(cheap), withLogin: true },
    { name: 'ours, default hash', start: ours(dear), withLogin: true },
  ];
}

/** Runs with all contestants started, and stops them whatever happens. */
async function withAll<T>(entries: readonly Entry[], run: (all: readonly Contestant[]) => Promise<T>): Promise<T> {
  const all: Contestant[] = [];
  try {
    for (const { start } of entries) all.push(await start());
    return await run(all);
  } finally {
    for (const contestant of all) await contestant.stop();
  }
}

type Meter = Awaited<ReturnType<typeof openMeter>>;

async function runIn(meter: Meter, manner: Manner, { calls, longestMs }: RunIn): Promise<void> {
  const end = Date.now() + longestMs;
  for (let done = 0; done < calls && Date.now() < end; ) done += (await meter.measure(manner, runInStepMs)).calls;
}

/** Every contestant at every number of connections, and the limits, in turn, round after round. */
async function measureAll(ground: BenchGround, entries: readonly Entry[], meter: Meter) {
  const series: Series[] = [];
  const limits = {
    'limit: Argon2id alone': () => hashesPerSecond(measureMs),
    'limit: rows inserted alone': () => createInserting(ground, meter.agent)(measureMs),
    'limit: decoding alone': () => decodesPerSecond(measureMs),
  };
  const rates = await withAll(entries, async (all) => {
    const runs: Record<string, () => Promise<number>> = {};
    for (const [index, { name, withLogin }] of entries.entries()) {
      const contestant = all[index];
      if (!contestant) continue;
      const manner = { contestant, ...(withLogin ? { login: root } : {}) };
      const inCrowd = { ...manner, connections: crowd };
      await runIn(meter, inCrowd, warmUp);
      for (const connections of connectionCounts) {
        const measured: Measured[] = [];
        series.push({ name, connections, measured });
        runs[`${name}, ${connections}`] = async () => {
          if (connections === connectionCounts[0]) await runIn(meter, inCrowd, rewarm);
          await meter.measure({ ...manner, connections }, settleMs);
          const one = await meter.measure({ ...manner, connections }, measureMs);
          measured.push(one);
          return one.perSecond;
        };
      }
    }
    return alternate<string>(rounds, { ...runs, ...limits });
  });
  return { series, rates };
}

type Results = Awaited<ReturnType<typeof measureAll>>;

/** What is promised, as ratios of the same round. */
function promises({ series, rates }: Results): readonly Row[] {
  const rate = (name: string, connections = crowd) => rates[`${name}, ${connections}`] ?? [];
  const of = (name: string, connections: number, what: (one: Measured) => number) =>
    (series.find((one) => one.name === name && one.connections === connections)?.measured ?? []).map(what);
  const p50 = (name: string) => of(name, 1, (one) => one.p50);
  const cpu = (name: string) => of(name, crowd, (one) => one.cpuUs);
  const ratio = (what: string, parts: readonly (readonly number[])[], promised?: Row['promised']): Row => ({
    what,
    value: medianRatio(parts[0] ?? [], parts[1] ?? []),
    unit: '',
    ...(promised ? { promised } : {}),
  });
  return [
    ratio('ours ÷ textbook, 64 connections', [rate('ours'), rate('textbook')], { atLeast: 2.5 }),
    ratio('ours, default hash ÷ Argon2id alone', [rate('ours, default hash'), rates['limit: Argon2id alone'] ?? []], {
      atLeast: 0.9,
    }),
    ratio('p50 at 1 connection, ours ÷ textbook', [p50('ours'), p50('textbook')], { atMost: 0.75 }),
    ratio('ours ÷ no queue, 64 connections', [rate('ours'), rate('no queue')], { atLeast: 0.6 }),
    ratio('queue in PostgreSQL ÷ in Redis', [rate('ours, queue in PostgreSQL'), rate('ours')], { atLeast: 0.3 }),
    ratio('processor time of a call, textbook ÷ ours', [cpu('textbook'), cpu('ours')]),
    ratio('processor time of a call, no queue ÷ ours', [cpu('no queue'), cpu('ours')]),
  ];
}

/** Calls of createCustomer beside other ways to do the same; a table and a plot go to bench/results/. */
export async function benchThroughput(ground: BenchGround): Promise<readonly Row[]> {
  const meter = await openMeter(ground);
  const results = await measureAll(ground, entriesOf(ground), meter).finally(meter.close);
  const found = await meter.requireAll();
  const limits = Object.entries(results.rates)
    .filter(([name]) => name.startsWith('limit'))
    .map(([what, rates]): Row => ({ what, value: median(rates), unit: '/s' }));
  const rows = [
    ...limits,
    ...promises(results),
    { what: 'acknowledged customers, all in the table', value: found, unit: '' },
  ];
  writeReport(results.series, rows);
  return rows;
}
