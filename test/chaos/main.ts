import { parseArgs } from 'node:util';
import type { QueueKind } from '../services/queues.ts';
import { createPlan } from './plan.ts';
import { createRandom } from './random.ts';
import { type Report, runChaos } from './run.ts';

/** What is promised: so many calls and faults, and nothing doubled and nothing lost. */
const sizes: Readonly<Record<QueueKind, { readonly calls: number; readonly faults: number }>> = {
  redis: { calls: 10_800, faults: 216 },
  postgres: { calls: 2430, faults: 81 },
};

/** One is over before a lost job is taken over, the other one is not. */
const waitTimeoutsMs = [5000, 20_000] as const;

/** Longer than any job may still be created. */
const settleMs = 22_000;

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interrupted.abort(new Error(`Ended by ${signal}`)));
}

const { values: flags } = parseArgs({
  options: {
    queue: { type: 'string', multiple: true, default: ['redis', 'postgres'] },
    calls: { type: 'string' },
    faults: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    verbose: { type: 'boolean', default: false },
  },
});

function isKept({ total, unmatched, crashes }: Report): boolean {
  return [total.doubled, total.lost, total.denied, total.late, unmatched, crashes].every((count) => count === 0);
}

async function run(queue: QueueKind): Promise<boolean> {
  const seed = Number(flags.seed);
  const random = createRandom(seed);
  const faults = Number(flags.faults ?? sizes[queue].faults);
  const calls = Number(flags.calls ?? sizes[queue].calls);
  console.log(`\nQueue in ${queue}: ${faults} faults, ${calls} calls, seed ${seed}`);
  const report = await runChaos({
    queue,
    waitTimeoutsMs,
    signal: interrupted.signal,
    rounds: createPlan(queue, faults, random),
    callsInRound: Math.ceil(calls / faults),
    random,
    settleMs,
    ...(flags.verbose ? { onRound: (line: string) => console.log(line) } : {}),
  });
  console.log(report.table);
  const { faults: done, unmatched, crashes, heard } = report;
  console.log(`faults brought about: ${done}; answers: ${JSON.stringify(heard)}`);
  console.log(`audit or opening balance unmatched: ${unmatched}; processes that ended by themselves: ${crashes}`);
  return isKept(report);
}

function readQueues(names: readonly string[]): readonly QueueKind[] {
  const unknown = names.find((name) => !Object.hasOwn(sizes, name));
  if (unknown === undefined) return names as readonly QueueKind[];
  throw new Error(`There is no queue in ${unknown}: there are ${Object.keys(sizes).join(' and ')}`);
}

/** Runs on the queues that are named; the exit code is 1 when a promise is broken. */
for (const queue of readQueues(flags.queue)) if (!(await run(queue))) process.exitCode = 1;
