import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeCall } from '../api/encode.ts';
import { type Service, serviceSettings, startService } from '../test/services/service.ts';
import { type Connection, openConnection } from './connection.ts';
import type { BenchGround } from './ground.ts';
import { median } from './statistics.ts';
import type { Row } from './table.ts';

/** The peak and the flood alternate, so that a noisy machine disturbs both alike. */
const rounds = 5;

const peakClients = 64;

/** As many connections stand open at a time; what is due beyond waits at the client. */
const maxConnections = 4000;
const peakMs = 10_000;
const overloadMs = 20_000;
const overloadFactor = 10;
const tickMs = 10;
const normalCalls = 20;

/** Back to normal is a call that takes no longer than so many times what it took before. */
const normalFactor = 2;
const second = 1000;
const microsecondsPerMillisecond = 1000;
const mebibyte = 1024 * 1024;

type Outcome = 'good' | 'refused' | 'other';

let names = 0;

function document(): string {
  names += 1;
  return encodeCall('createCustomer', [
    { name: `Overload ${names} ${process.pid}`, web_password: 'correct7horse', i_tariff: 1, i_wholesaler: 1 },
  ]);
}

/** Calls over connections that are kept and used again; what is due while all are busy waits at the client. */
function createClient(url: URL) {
  const idle: Connection[] = [];
  const waiting: ((connection: Connection) => void)[] = [];
  let opened = 0;

  async function take(): Promise<Connection> {
    for (let free = idle.pop(); free; free = idle.pop()) {
      if (free.isOpen()) return free;
      opened -= 1;
    }
    if (opened >= maxConnections) return new Promise((resolve) => waiting.push(resolve));
    opened += 1;
    return openConnection(url);
  }

  function giveBack(connection: Connection): void {
    const next = waiting.shift();
    if (next) next(connection);
    else idle.push(connection);
  }

  async function send(): Promise<Outcome> {
    const connection = await take();
    const body = document();
    const head = `POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: text/xml\r\n`;
    const reply = await connection.send(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    giveBack(connection);
    if (reply.body.includes('<string>OK</string>')) return 'good';
    return reply.body.includes('<int>429</int>') ? 'refused' : 'other';
  }

  return {
    call: () => send().catch((): Outcome => 'other'),
    close(): void {
      for (const connection of idle) connection.close();
    },
  };
}

type Call = () => Promise<Outcome>;

/** Good answers a second while as many clients as are useful call one after the other. */
async function measurePeak(call: Call): Promise<number> {
  const end = Date.now() + peakMs;
  let good = 0;
  async function client(): Promise<void> {
    while (Date.now() < end) if ((await call()) === 'good') good += 1;
  }
  await Promise.all(Array.from({ length: peakClients }, client));
  return (good * second) / peakMs;
}

/** Sends so many calls a second, whether or not the earlier ones are answered, and counts what comes back meanwhile. */
async function flood(call: Call, perSecond: number) {
  const counts = { good: 0, refused: 0, other: 0 };
  const started = Date.now();
  const running = new Set<Promise<void>>();
  for (let sent = 0; Date.now() - started < overloadMs; await sleep(tickMs)) {
    for (const due = ((Date.now() - started) * perSecond) / second; sent < due; sent += 1) {
      const done: Promise<void> = call().then((outcome) => {
        if (Date.now() - started < overloadMs) counts[outcome] += 1;
        running.delete(done);
      });
      running.add(done);
    }
  }
  return { counts, rest: () => Promise.all(running) };
}

async function latencyMs(call: Call): Promise<number> {
  const started = performance.now();
  const outcome = await call();
  return outcome === 'good' ? performance.now() - started : Number.POSITIVE_INFINITY;
}

async function usualLatencyMs(call: Call): Promise<number> {
  const latencies: number[] = [];
  while (latencies.length < normalCalls) latencies.push(await latencyMs(call));
  return median(latencies);
}

function memoryMib({ process: { pid } }: Service): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return (Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024) / mebibyte;
}

interface Round {
  readonly peak: number;
  readonly good: number;
  readonly refused: number;
  readonly other: number;
  readonly recoveryMs: number;
  /** What the service holds at the end of the flood. */
  readonly memoryMib: number;
  /** Processors that the load itself takes. */
  readonly loadProcessors: number;
}

/** The peak, ten times as much, and back again. */
async function runRound(service: Service, call: Call, usualMs: number): Promise<Round> {
  const peak = await measurePeak(call);
  const cpuBefore = process.cpuUsage();
  const { counts, rest } = await flood(call, peak * overloadFactor);
  const { user, system } = process.cpuUsage(cpuBefore);
  const memory = memoryMib(service);
  const ended = performance.now();
  while ((await latencyMs(call)) > usualMs * normalFactor) await sleep(tickMs);
  const recoveryMs = performance.now() - ended;
  await rest();
  const perSecond = (count: number) => (count * second) / overloadMs;
  return {
    peak,
    good: perSecond(counts.good),
    refused: perSecond(counts.refused),
    other: counts.other,
    recoveryMs,
    memoryMib: memory,
    loadProcessors: (user + system) / microsecondsPerMillisecond / overloadMs,
  };
}

function toRows(all: readonly Round[]): readonly Row[] {
  const middle = (of: (round: Round) => number) => median(all.map(of));
  const worst = (of: (round: Round) => number) => Math.max(...all.map(of));
  const [first, last] = [all[0], all.at(-1)];
  const growth = (last?.memoryMib ?? Number.NaN) / (first?.memoryMib ?? Number.NaN);
  const kept = middle(({ good, peak }) => good / peak);
  return [
    { what: 'overload: good answers at the peak', value: middle(({ peak }) => peak), unit: '/s' },
    {
      what: 'overload: good answers at ten times the peak ÷ at the peak',
      value: kept,
      unit: '',
      promised: { atLeast: 0.8 },
    },
    {
      what: 'overload: processors that the load itself takes',
      value: middle((round) => round.loadProcessors),
      unit: '',
    },
    { what: 'overload: refused with 429', value: middle(({ refused }) => refused), unit: '/s' },
    {
      what: 'overload: answered otherwise',
      value: worst(({ other }) => other),
      unit: 'calls',
      promised: { atMost: 0 },
    },
    { what: 'overload: most memory, both roles', value: worst((round) => round.memoryMib), unit: 'MiB' },
    {
      what: `overload: memory in flood ${all.length} ÷ in the first`,
      value: growth,
      unit: '',
      promised: { atMost: 1.25 },
    },
    {
      what: 'overload: longest until calls take their usual time again',
      value: worst(({ recoveryMs }) => recoveryMs) / second,
      unit: 's',
      promised: { atMost: 15 },
    },
  ];
}

/** Ten times the load that the service can bear, again and again: what it still does, what it takes, how soon it is well. */
export async function benchOverload({ databaseUrl, redisUrl }: BenchGround): Promise<readonly Row[]> {
  const { ARGON2_MEMORY_KIB: _, ARGON2_TIME_COST: __, ...settings } = serviceSettings(databaseUrl);
  const queue = { REDIS_URL: redisUrl, QUEUE_PREFIX: '{overload}', LOG_LEVEL: 'warn' };
  const service = await startService({ ...settings, ...queue });
  const { call, close } = createClient(new URL(service.url));
  try {
    const usualMs = await usualLatencyMs(call);
    await measurePeak(call);
    const all: Round[] = [];
    while (all.length < rounds) all.push(await runRound(service, call, usualMs));
    return toRows(all);
  } finally {
    close();
    await service.stop();
  }
}
