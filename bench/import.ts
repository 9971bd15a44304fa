import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeCall } from '../api/encode.ts';
import { readSettings } from '../runtime/config.ts';
import { mapSideBySide } from '../runtime/side-by-side.ts';
import { runProgram, serviceSettings, startService } from '../test/services/service.ts';
import { createPasswordHasher } from '../worker/passwords.ts';
import { type Connection, openConnection } from './connection.ts';
import type { BenchGround } from './ground.ts';
import { type ImportedRow, insertRowsDirectly, makeRow, toCsv } from './import-rows.ts';
import { alternate, median, medianRatio } from './statistics.ts';
import type { Row } from './table.ts';

const second = 1000;
const rowsInStatement = 500;
const password = 'correct7horse';

/** A round is as many rows as the promise is about. */
const hashed = { rounds: 3, rows: 100_000 };

/** A round is as many rows as the promise is about. */
const clear = { rounds: 2, rows: 10_000, hashesAlone: 3000 };

/** Calls come one by one, whether or not an import runs. */
const calm = { rounds: 3, calls: 300, everyMs: 50, rows: 150_000 };

type Settings = Readonly<Record<string, string>>;

type Part = (options: {
  readonly ground: BenchGround;
  readonly settings: Settings;
  readonly url: URL;
}) => Promise<readonly Row[]>;

let stems = 0;

function makeRows(count: number): readonly ImportedRow[] {
  stems += 1;
  return Array.from({ length: count }, (_, n) => makeRow(`Import ${process.pid} ${stems}`, n));
}

async function perSecond(count: number, run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return (count * second) / (performance.now() - started);
}

/** The same rows inserted directly, so many connections at a time. */
function measureDirect({ db }: BenchGround, connections: number): Promise<number> {
  const rows = makeRows(hashed.rows);
  const statements = Array.from({ length: Math.ceil(rows.length / rowsInStatement) }, (_, n) =>
    rows.slice(n * rowsInStatement, (n + 1) * rowsInStatement),
  );
  return perSecond(rows.length, () => mapSideBySide(connections, statements, (part) => insertRowsDirectly(db, part)));
}

async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  const file = createWriteStream(path);
  for (const line of lines) if (!file.write(line)) await once(file, 'drain');
  file.end();
  await once(file, 'close');
}

/** Starts the command on a file of such rows; the settings of the worker count, not its own. */
async function startImport(rows: readonly ImportedRow[], settings: Settings, given?: { readonly password: string }) {
  const folder = mkdtempSync(join(tmpdir(), 'createcustomer-bench-import-'));
  await writeLines(join(folder, 'customers.csv'), toCsv(rows, given));
  const started = performance.now();
  const run = runProgram(['import', 'customers.csv'], settings, folder);
  async function end(): Promise<number> {
    const code = await run.exited;
    rmSync(folder, { recursive: true, force: true });
    if (code !== 0) throw new Error(`The import ended with ${code}: ${run.output()}`);
    return (rows.length * second) / (performance.now() - started);
  }
  return { end, process: run.process };
}

async function measureImport(rows: readonly ImportedRow[], settings: Settings, given?: { readonly password: string }) {
  return (await startImport(rows, settings, given)).end();
}

const compareWithDirect: Part = async ({ ground, settings }) => {
  const { direct, side, imported } = await alternate(hashed.rounds, {
    direct: () => measureDirect(ground, 1),
    side: () => measureDirect(ground, availableParallelism()),
    imported: () => measureImport(makeRows(hashed.rows), settings),
  });
  return [
    { what: 'import: rows inserted directly, one statement after the other', value: median(direct), unit: '/s' },
    { what: 'import: the same over as many connections as processors', value: median(side), unit: '/s' },
    { what: 'import: rows with hashes imported', value: median(imported), unit: '/s' },
    {
      what: 'import: imported ÷ inserted directly',
      value: medianRatio(imported, direct),
      unit: '',
      promised: { atLeast: 0.5 },
    },
    { what: 'import: imported ÷ inserted over all connections', value: medianRatio(imported, side), unit: '' },
  ];
};

const compareWithHashes: Part = async ({ settings }) => {
  const { ARGON2_MEMORY_KIB: memoryKib, ARGON2_TIME_COST: timeCost } = readSettings({});
  const hash = createPasswordHasher({ memoryKib, timeCost });
  const hashes = Array.from({ length: clear.hashesAlone }, () => password);
  const { alone, imported } = await alternate(clear.rounds, {
    alone: () => perSecond(hashes.length, () => mapSideBySide(availableParallelism(), hashes, hash)),
    imported: () => measureImport(makeRows(clear.rows), settings, { password }),
  });
  return [
    { what: 'import: passwords hashed alone, default hash', value: median(alone), unit: '/s' },
    { what: 'import: rows with passwords imported', value: median(imported), unit: '/s' },
    {
      what: 'import: imported ÷ hashed alone',
      value: medianRatio(imported, alone),
      unit: '',
      promised: { atLeast: 0.9 },
    },
  ];
};

async function callOnce(connection: Connection, url: URL): Promise<number> {
  stems += 1;
  const params = { name: `Call ${process.pid} ${stems}`, web_password: password, i_tariff: 1, i_wholesaler: 1 };
  const body = encodeCall('createCustomer', [params]);
  const head = `POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: text/xml\r\n`;
  const started = performance.now();
  const reply = await connection.send(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  if (!reply.body.includes('<string>OK</string>')) throw new Error(`A call failed: ${reply.body}`);
  return performance.now() - started;
}

/** The 99th percentile of the time that a call takes, in ms. */
async function measureCalls(url: URL): Promise<number> {
  const connection = await openConnection(url);
  const latencies: number[] = [];
  while (latencies.length < calm.calls) {
    latencies.push(await callOnce(connection, url));
    await sleep(calm.everyMs);
  }
  connection.close();
  return latencies.sort((a, b) => a - b)[Math.ceil(calm.calls * 0.99) - 1] ?? Number.NaN;
}

const compareCalls: Part = async ({ url, settings }) => {
  async function beside(given?: { readonly password: string }): Promise<number> {
    const run = await startImport(makeRows(calm.rows), settings, given);
    const latency = await measureCalls(url);
    if (run.process.exitCode !== null) throw new Error('The import ended before the calls did');
    run.process.kill('SIGKILL');
    await run.end().catch(() => {});
    await sleep(second);
    return latency;
  }
  const { alone, hashes, passwords } = await alternate(calm.rounds, {
    alone: () => measureCalls(url),
    hashes: () => beside(),
    passwords: () => beside({ password }),
  });
  const promised = { atMost: 2 };
  return [
    { what: 'import: p99 of single calls without an import', value: median(alone), unit: 'ms' },
    { what: 'import: p99 beside rows with hashes ÷ without', value: medianRatio(hashes, alone), unit: '', promised },
    {
      what: 'import: p99 beside rows with passwords ÷ without',
      value: medianRatio(passwords, alone),
      unit: '',
      promised,
    },
  ];
};

/** Runs a part beside a service whose hashing costs what it does by default. */
function besideService(part: Part): (ground: BenchGround) => Promise<readonly Row[]> {
  return async (ground) => {
    const { ARGON2_MEMORY_KIB: _, ARGON2_TIME_COST: __, ...defaults } = serviceSettings(ground.databaseUrl);
    const settings = { ...defaults, REDIS_URL: ground.redisUrl };
    const service = await startService(settings);
    try {
      return await part({ ground, settings, url: new URL(service.url) });
    } finally {
      await service.stop();
    }
  };
}

/** Rows with hashes from elsewhere, against the same rows inserted directly into the same tables. */
export const benchImport = besideService(compareWithDirect);

/** Rows with passwords, against the hashes alone. */
export const benchImportPasswords = besideService(compareWithHashes);

/** Single calls while nothing else runs, and beside an import of either kind. */
export const benchImportCalls = besideService(compareCalls);
