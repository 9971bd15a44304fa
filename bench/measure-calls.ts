import { fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Contestant } from './contestants.ts';
import { familyCpuTimeMs } from './cpu-time.ts';
import type { BenchGround } from './ground.ts';
import type { LoadOptions, LoadResult } from './load/main.ts';
import type { Login } from './load/request.ts';

const second = 1000;
const microseconds = 1000;

/** What one run of the load generator showed. */
export interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Processor time of the contestant, PostgreSQL and Redis together, for a call. Noise of the machine moves it little. */
  readonly cpuUs: number;
  /** Calls of the whole run, also of its beginning and its end, which do not count otherwise. */
  readonly calls: number;
}

/** How a contestant is called. */
export interface Manner {
  readonly contestant: Contestant;
  readonly connections: number;
  readonly login?: Login;
}

/** Starts the load generator, a process of its own: one for all runs, for its code is fast once it has run for a while. */
function startLoad() {
  const child = fork(resolve(import.meta.dirname, 'load/main.ts'), { execArgv: ['--import', 'tsx'] });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('The load generator ended')));
  ended.catch(() => {});

  return {
    async run(options: LoadOptions): Promise<LoadResult> {
      child.send(options);
      const [result] = (await Promise.race([once(child, 'message'), ended])) as [LoadResult];
      if (Object.keys(result.others).length > 0) throw new Error(`${options.url}: ${JSON.stringify(result.others)}`);
      return result;
    },
    close: () => void child.kill(),
  };
}

async function insertAgent({ db }: BenchGround): Promise<number> {
  const row = { i_wholesaler: 1, name: 'Agent', payment_currency: 'USD', web_password_hash: 'none' };
  const [{ i_customer }] = await db('customers').insert(row).onConflict('name').merge(['name']).returning('i_customer');
  return i_customer;
}

/** Opens what measures calls, each with a name of its own, and remembers all customers that were acknowledged. */
export async function openMeter(ground: BenchGround) {
  const agent = await insertAgent(ground);
  const load = startLoad();
  const acknowledged: number[] = [];
  let runs = 0;

  const cpuMs = ({ pids }: Contestant) =>
    [...pids, ...ground.serverPids].reduce((sum, pid) => sum + familyCpuTimeMs(pid), 0);

  return {
    /** A customer that calls can name as their commission agent. */
    agent,
    async measure({ contestant, connections, login }: Manner, forMs: number): Promise<Measured> {
      runs += 1;
      const before = cpuMs(contestant);
      const prefix = `r${runs}n${process.pid}n`;
      const how = { url: contestant.url, connections, forMs, prefix, agent };
      const { created, latenciesMs } = await load.run(login ? { ...how, login } : how);
      for (const id of created) acknowledged.push(id);
      const cpuUs = ((cpuMs(contestant) - before) * microseconds) / created.length;
      const sorted = Float64Array.from(latenciesMs).sort();
      const at = (share: number) =>
        sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
      return {
        perSecond: (latenciesMs.length * second) / forMs,
        p50: at(0.5),
        p99: at(0.99),
        cpuUs,
        calls: created.length,
      };
    },

    /** Throws when a customer that was acknowledged is not in the table; gives how many there are. */
    async requireAll(): Promise<number> {
      const count = 'SELECT count(*) AS found FROM customers WHERE i_customer = ANY (CAST(? AS integer[]))';
      const { rows } = await ground.db.raw(count, [acknowledged]);
      const found = Number(rows[0].found);
      if (found !== acknowledged.length || new Set(acknowledged).size !== found) {
        throw new Error(`${acknowledged.length} customers were acknowledged, and ${found} are there`);
      }
      return found;
    },
    close: load.close,
  };
}
