import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Redis } from 'ioredis';
import type { Database } from '../db/connect.ts';
import { unlessGone } from './cpu-time.ts';

/** Field of /proc/PID/stat after the name of the process: the first is its state, the second its parent. */
const parentField = 1;

/** State of a connection in /proc/PID/net/tcp. */
const established = '01';
const hexadecimal = 16;

function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[parentField]);
}

/** How many connections a process holds to a port. */
export function connectionsTo(pid: number, port: number): number {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).map((fd) => unlessGone(() => readlinkSync(`/proc/${pid}/fd/${fd}`), '')),
  );
  const lines = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').trim().split('\n').slice(1);
  return lines.filter((line) => {
    const [, , remote = '', state, , , , , , inode] = line.trim().split(/\s+/);
    const remotePort = Number.parseInt(remote.split(':')[1] ?? '', hexadecimal);
    return state === established && remotePort === port && sockets.has(`socket:[${inode}]`);
  }).length;
}

/** The process of the PostgreSQL server. */
export async function postgresPid(db: Database): Promise<number> {
  const { rows } = await db.raw('SELECT pg_backend_pid() AS pid');
  return parentOf(rows[0].pid);
}

/** What the database has written and done so far. */
export async function readDatabaseCounters(db: Database) {
  // A backend tells its counters when it is idle for a while, or when it is asked; ours are too few to matter.
  const { rows } = await db.raw(`
    SELECT CAST(pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS double precision) AS wal,
      CAST(pg_database_size(current_database()) AS double precision) AS size`);
  return rows[0] as { readonly wal: number; readonly size: number };
}

/** What clients send; everything else that Redis counts was run inside of their scripts. */
const sentByClients = /^cmdstat_(evalsha|eval|publish|bzpopmin|ping|exists|subscribe|script\|load)$/;

function parseInfo(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\r\n').map((line): [string, string] => [line.split(':', 1)[0] ?? '', line.replace(/^[^:]*:/, '')]),
  );
}

/** What Redis has done so far. */
export async function readRedisCounters(redis: Redis) {
  const info = parseInfo(await redis.info('everything'));
  const number = (name: string) => Number(info.get(name) ?? Number.NaN);
  let sent = 0;
  let run = 0;
  for (const [name, value] of info) {
    const calls = Number(/^calls=(\d+)/.exec(value)?.[1] ?? 0);
    if (!name.startsWith('cmdstat_')) continue;
    if (sentByClients.test(name)) sent += calls;
    else run += calls;
  }
  return {
    pid: number('process_id'),
    sent,
    run,
    received: number('total_net_input_bytes'),
    answered: number('total_net_output_bytes'),
    appended: number('aof_current_size'),
    memory: number('used_memory'),
  };
}
