import { benchCost } from './cost.ts';
import { benchDecode } from './decode.ts';
import { benchDigest } from './digest.ts';
import { type BenchGround, openGround } from './ground.ts';
import { benchGrowth } from './growth.ts';
import { benchImport, benchImportCalls, benchImportPasswords } from './import.ts';
import { benchImportMemory } from './import-memory.ts';
import { benchMemory } from './memory.ts';
import { benchOverload } from './overload.ts';
import { isKept, type Row, toTable } from './table.ts';
import { benchThroughput } from './throughput.ts';

const benches: Readonly<Record<string, (ground: BenchGround) => Promise<readonly Row[]>>> = {
  decode: () => benchDecode(),
  digest: benchDigest,
  overload: benchOverload,
  throughput: benchThroughput,
  growth: benchGrowth,
  memory: benchMemory,
  cost: benchCost,
  import: benchImport,
  'import-passwords': benchImportPasswords,
  'import-calls': benchImportCalls,
  'import-memory': benchImportMemory,
};

/** They take up to half an hour each: run when they are asked for. */
const onlyByName = ['growth', 'memory', 'import-memory'];

function readNames(args: readonly string[]): readonly string[] {
  const unknown = args.find((name) => !Object.hasOwn(benches, name));
  if (unknown === undefined)
    return args.length > 0 ? args : Object.keys(benches).filter((name) => !onlyByName.includes(name));
  throw new Error(`There is no benchmark ${unknown}: there are ${Object.keys(benches).join(', ')}`);
}

/** Runs the named benchmarks, or all; the exit code is 1 when a promise is missed. */
async function main(): Promise<void> {
  const names = readNames(process.argv.slice(2));
  const ground = await openGround();
  try {
    const rows: Row[] = [];
    for (const name of names) rows.push(...((await benches[name]?.(ground)) ?? []));
    console.log(toTable(rows));
    process.exitCode = rows.every(isKept) ? 0 : 1;
  } finally {
    await ground.close();
  }
}

await main();
