import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeCall } from '../api/encode.ts';
import { type Service, serviceSettings, startService } from '../test/services/service.ts';
import type { BenchGround } from './ground.ts';
import { median } from './statistics.ts';
import type { Row } from './table.ts';

const peakClients = 64;

/** As many as stand open at a time; what is due beyond waits at the client. */
const maxSockets = 4000;
const peakMs = 10_000;
const overloadMs = 20_000;
const overloadFactor = 10;
const tickMs = 10;
const normalCalls = 20;

/** Back to normal is a call that takes no longer than so many times what it took before. */
const normalFactor = 2;
const second = 1000;
const mebibyte = 1024 * 1024;

type Outcome = 'good' | 'refused' | 'other';

let names = 0;

function document(): string {
  names += 1;
  return encodeCall('createCustomer', [
    { name: `Overload ${names} ${process.pid}`, web_password: 'correct7horse', i_tariff: 1, i_wholesaler: 1 },
  ]);
}

function call(agent: Agent, url: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const sent = request(url, { agent, method: 'POST', headers: { 'Content-Type': 'text/xml' } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        if (body.includes('<string>OK</string>')) resolve('good');
        else resolve(body.includes('<int>429</int>') ? 'refused' : 'other');
      });
    });
    sent.on('error', () => resolve('other'));
    sent.end(document());
  });
}

/** Good answers a second while as many clients as are useful call one after the other. */
async function measurePeak(agent: Agent, url: string): Promise<number> {
  const end = Date.now() + peakMs;
  let good = 0;
  async function client(): Promise<void> {
    while (Date.now() < end) if ((await call(agent, url)) === 'good') good += 1;
  }
  await Promise.all(Array.from({ length: peakClients }, client));
  return (good * second) / peakMs;
}

/** Sends so many calls a second, whether or not the earlier ones are answered, and counts what comes back meanwhile. */
async function flood(agent: Agent, url: string, perSecond: number) {
  const counts = { good: 0, refused: 0, other: 0 };
  const started = Date.now();
  const running = new Set<Promise<void>>();
  for (let sent = 0; Date.now() - started < overloadMs; await sleep(tickMs)) {
    for (const due = ((Date.now() - started) * perSecond) / second; sent < due; sent += 1) {
      const done: Promise<void> = call(agent, url).then((outcome) => {
        if (Date.now() - started < overloadMs) counts[outcome] += 1;
        running.delete(done);
      });
      running.add(done);
    }
  }
  return { counts, rest: () => Promise.all(running) };
}

async function latencyMs(agent: Agent, url: string): Promise<number> {
  const started = performance.now();
  const outcome = await call(agent, url);
  return outcome === 'good' ? performance.now() - started : Number.POSITIVE_INFINITY;
}

async function usualLatencyMs(agent: Agent, url: string): Promise<number> {
  const latencies: number[] = [];
  while (latencies.length < normalCalls) latencies.push(await latencyMs(agent, url));
  return median(latencies);
}

function memoryMib({ process: { pid } }: Service, what: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return (Number(new RegExp(`^${what}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / mebibyte;
}

/** Ten times the load that the service can bear: what it still does, what it takes, and how soon it is well again. */
export async function benchOverload({ databaseUrl, redisUrl }: BenchGround): Promise<readonly Row[]> {
  const { ARGON2_MEMORY_KIB: _, ARGON2_TIME_COST: __, ...settings } = serviceSettings(databaseUrl);
  const queue = { REDIS_URL: redisUrl, QUEUE_PREFIX: '{overload}', LOG_LEVEL: 'warn' };
  const service = await startService({ ...settings, ...queue });
  const agent = new Agent({ keepAlive: true, maxSockets });
  try {
    const usual = await usualLatencyMs(agent, service.url);
    const peak = await measurePeak(agent, service.url);
    const before = memoryMib(service, 'VmRSS');
    const { counts, rest } = await flood(agent, service.url, peak * overloadFactor);
    const ended = performance.now();
    while ((await latencyMs(agent, service.url)) > usual * normalFactor) await sleep(tickMs);
    const recoveryMs = performance.now() - ended;
    await rest();
    const good = (counts.good * second) / overloadMs;
    return [
      { what: 'overload: good answers at the peak', value: peak, unit: '/s' },
      {
        what: 'overload: good answers at ten times the peak ÷ at the peak',
        value: good / peak,
        unit: '',
        promised: { atLeast: 0.8 },
      },
      { what: 'overload: refused with 429', value: (counts.refused * second) / overloadMs, unit: '/s' },
      { what: 'overload: answered otherwise', value: counts.other, unit: 'calls', promised: { atMost: 0 } },
      {
        what: 'overload: memory taken on top',
        value: memoryMib(service, 'VmHWM') - before,
        unit: 'MiB',
        promised: { atMost: 200 },
      },
      {
        what: 'overload: until calls take their usual time again',
        value: recoveryMs / second,
        unit: 's',
        promised: { atMost: 15 },
      },
    ];
  } finally {
    agent.destroy();
    await service.stop();
  }
}
