import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { runProgram, serviceSettings, startService } from '../test/services/service.ts';
import type { BenchGround } from './ground.ts';
import type { Row } from './table.ts';

const fewRows = 10_000;
const manyRows = 1_000_000;
const pollMs = 100;
const kibibytesPerMebibyte = 1024;

/** Half again what an idle producer takes. */
const mostMebibytes = 170;

/** A heap that has found its size after the first seconds; what leaked with each row would multiply it. */
const mostGrowth = 1.3;

const hash = `$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$${'a'.repeat(43)}`;

function* customers(stem: string, count: number): Generator<string> {
  yield 'name,web_password_hash,i_tariff,company_name,city,email,balance\n';
  for (let n = 0; n < count; n += 1) {
    yield `${stem} ${n},"${hash}",1,Company ${n},Köln,customer${n}@example.com,${n % 100}.5\n`;
  }
}

/** The most memory that a process has ever had in use, undefined once it has ended. */
function peakMebibytes(pid: number): number | undefined {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
  return peak === undefined ? undefined : Number(peak) / kibibytesPerMebibyte;
}

/** Imports so many rows as a user would, and gives the most memory that the command had in use. */
async function measurePeak(count: number, settings: Readonly<Record<string, string>>): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'createcustomer-import-memory-'));
  try {
    await pipeline(Readable.from(customers(`Memory ${count}`, count)), createWriteStream(join(folder, 'rows.csv')));
    const run = runProgram(['import', 'rows.csv'], settings, folder);
    let peak = 0;
    while (run.process.exitCode === null && run.process.signalCode === null) {
      peak = peakMebibytes(run.process.pid ?? 0) ?? peak;
      await sleep(pollMs);
    }
    const code = await run.exited;
    if (code !== 0) throw new Error(`The import ended with ${code}:\n${run.output()}`);
    return peak;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What an import of hashed rows over Redis takes in memory, for few rows and for many. Needs Linux, and takes minutes. */
export async function benchImportMemory({ databaseUrl, redisUrl }: BenchGround): Promise<readonly Row[]> {
  const queue = { REDIS_URL: redisUrl, QUEUE_PREFIX: '{import-memory}', LOG_LEVEL: 'warn' };
  const settings = { ...serviceSettings(databaseUrl), ...queue };
  const worker = await startService(settings, ['--role', 'worker']);
  try {
    const few = await measurePeak(fewRows, settings);
    const many = await measurePeak(manyRows, settings);
    const promised = { atMost: mostMebibytes };
    return [
      { what: `import: most memory for ${fewRows.toLocaleString('en-US')} rows`, value: few, unit: 'MiB', promised },
      { what: `import: most memory for ${manyRows.toLocaleString('en-US')} rows`, value: many, unit: 'MiB', promised },
      { what: 'import: memory for many rows ÷ for few', value: many / few, unit: '', promised: { atMost: mostGrowth } },
    ];
  } finally {
    await worker.stop();
  }
}
