import { rootPassword } from '../test/services/constants.ts';
import { serviceSettings } from '../test/services/service.ts';
import { type Contestant, startNoQueue, startOurs, startTextbook, withRedis } from './contestants.ts';
import type { BenchGround } from './ground.ts';
import { createInserting, decodesPerSecond, defaultHash, hashesPerSecond } from './limits.ts';
import { type Manner, type Measured, openMeter } from './measure-calls.ts';
import { type Series, writeReport } from './report.ts';
import { alternate, median, medianRatio } from './statistics.ts';
import type { Row } from './table.ts';

/** How often and how long the contestants take turns at a number of connections. */
interface Block {
  readonly connections: number;
  readonly rounds: number;
  readonly measureMs: number;
}

const crowd = 64;

/** A machine that others use as well is quicker and slower from second to second: many short turns are compared rather than a few long ones. */
const blocks: readonly Block[] = [
  { connections: 1, rounds: 21, measureMs: 1000 },
  { connections: 16, rounds: 5, measureMs: 2000 },
  { connections: crowd, rounds: 13, measureMs: 2000 },
  { connections: 256, rounds: 5, measureMs: 2500 },
];

const limitMs = 2000;

/** Code is fast once it has run some thousand times. */
const warmUp = { calls: 6000, turnMs: 3000 };

const root = { user: 'root', password: rootPassword };

interface Entry {
  readonly name: string;
  readonly start: () => Promise<Contestant>;
  /** Called with Digest; the others are trusted. */
  readonly withLogin: boolean;
}

/**
 * Contestants that are compared, and the limit that is measured beside them. There are three at the most, so that nobody is quiet for longer
 * than their turns: after eight seconds V8 begins to clear up, and forgets what it has learnt of the code.
 */
interface Heat {
  readonly entries: readonly Entry[];
  readonly limit: readonly [name: string, run: () => Promise<number>];
}

function heatsOf(ground: BenchGround, agent: number): readonly Heat[] {
  const cheap = { ...serviceSettings(ground.databaseUrl), LOG_LEVEL: 'warn' };
  const { memoryCost, timeCost } = defaultHash;
  const dear = { ...cheap, ARGON2_MEMORY_KIB: String(memoryCost), ARGON2_TIME_COST: String(timeCost) };
  const textbook = () => withRedis((redisUrl) => startTextbook(ground.databaseUrl, redisUrl));
  const ours = (settings: typeof cheap) => () =>
    withRedis((redisUrl) => startOurs({ ...settings, REDIS_URL: redisUrl }));
  return [
    {
      entries: [
        { name: 'textbook', start: textbook, withLogin: false },
        { name: 'no queue', start: () => startNoQueue(cheap), withLogin: true },
        { name: 'ours', start: ours(cheap), withLogin: true },
      ],
      limit: ['limit: rows inserted alone', () => createInserting(ground, agent)(limitMs)],
    },
    {
      entries: [
        { name: 'ours, again', start: ours(cheap), withLogin: true },
        { name: 'ours, trusted', start: ours(cheap), withLogin: false },
        { name: 'ours, queue in PostgreSQL', start: () => startOurs(cheap), withLogin: true },
      ],
      limit: ['limit: decoding alone', () => decodesPerSecond(limitMs)],
    },
    {
      entries: [{ name: 'ours, default hash', start: ours(dear), withLogin: true }],
      limit: ['limit: Argon2id alone', () => hashesPerSecond(limitMs)],
    },
  ];
}

/** An entry that has been started. */
interface Racer {
  readonly name: string;
  readonly manner: Omit<Manner, 'connections'>;
}

/** Runs with all contestants started, and stops them whatever happens. */
async function withAll<T>(entries: readonly Entry[], run: (racers: readonly Racer[]) => Promise<T>): Promise<T> {
  const racers: Racer[] = [];
  try {
    for (const { name, start, withLogin } of entries) {
      const contestant = await start();
      racers.push({ name, manner: { contestant, ...(withLogin ? { login: root } : {}) } });
    }
    return await run(racers);
  } finally {
    for (const { manner } of racers) await manner.contestant.stop();
  }
}

type Meter = Awaited<ReturnType<typeof openMeter>>;

/** In turn, until each has had its calls. */
async function warm(meter: Meter, racers: readonly Racer[]): Promise<void> {
  let fewest = 0;
  while (fewest < warmUp.calls) {
    const turns: number[] = [];
    for (const { manner } of racers) {
      turns.push((await meter.measure({ ...manner, connections: crowd }, warmUp.turnMs)).calls);
    }
    fewest += Math.min(...turns);
  }
}

/** The contestants of a heat in turn, at one number of connections after the other; its limit has its turns among those of the crowd. */
async function run({ entries, limit }: Heat, meter: Meter) {
  const series: Series[] = [];
  const rates: Record<string, readonly number[]> = {};

  function turn({ name, manner }: Racer, { connections, measureMs }: Block): () => Promise<number> {
    const measured: Measured[] = [];
    series.push({ name, connections, measured });
    return async () => {
      const one = await meter.measure({ ...manner, connections }, measureMs);
      measured.push(one);
      return one.perSecond;
    };
  }

  await withAll(entries, async (racers) => {
    await warm(meter, racers);
    for (const block of blocks) {
      const { connections, rounds } = block;
      const turns = racers.map((racer) => [`${racer.name}, ${connections}`, turn(racer, block)] as const);
      const limits = connections === crowd ? [limit] : [];
      Object.assign(rates, await alternate<string>(rounds, Object.fromEntries([...turns, ...limits])));
    }
  });
  return { series: entries.flatMap(({ name }) => series.filter((one) => one.name === name)), rates };
}

async function runAll(heats: readonly Heat[], meter: Meter) {
  const series: Series[] = [];
  const rates: Record<string, readonly number[]> = {};
  for (const heat of heats) {
    const results = await run(heat, meter);
    series.push(...results.series);
    Object.assign(rates, results.rates);
  }
  return { series, rates };
}

type Results = Awaited<ReturnType<typeof runAll>>;

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
    ratio('queue in PostgreSQL ÷ in Redis', [rate('ours, queue in PostgreSQL'), rate('ours, again')], { atLeast: 0.3 }),
    ratio('processor time of a call, textbook ÷ ours', [cpu('textbook'), cpu('ours')]),
    ratio('processor time of a call, no queue ÷ ours', [cpu('no queue'), cpu('ours')]),
  ];
}

/** Calls of createCustomer beside other ways to do the same; a table and a plot go to bench/results/. */
export async function benchThroughput(ground: BenchGround): Promise<readonly Row[]> {
  const meter = await openMeter(ground);
  const results = await runAll(heatsOf(ground, meter.agent), meter).finally(meter.close);
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
