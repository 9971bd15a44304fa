import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Round } from '../chaos/plan.ts';
import { createRandom } from '../chaos/random.ts';
import { runChaos } from '../chaos/run.ts';
import { type Spoiling, spoilProgram } from '../chaos/spoil.ts';
import type { Tally } from '../chaos/table.ts';

const folder = mkdtempSync(join(tmpdir(), 'createcustomer-spoilt-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const withoutKeyRow: readonly Spoiling[] = [
  {
    file: 'db/insert-statements.js',
    piece: 'i_customer, given."paramsHash" FROM created AS given',
    instead: 'i_customer, given."paramsHash" FROM created AS given WHERE false',
  },
];

const withoutDeadline: readonly Spoiling[] = [
  {
    file: 'worker/create-customer.js',
    piece: 'return deadline !== undefined && Date.now() >= deadline;',
    instead: 'return false;',
  },
  {
    file: 'db/insert-statements.js',
    piece: 'coalesce(clock_timestamp() >= to_timestamp(given.deadline / 1000), false) AS late',
    instead: 'coalesce(given.deadline < 0, false) AS late',
  },
];

/** What is open is called not created, and nobody looks whether it was. */
const withoutTruth: readonly Spoiling[] = [
  { file: 'db/idempotency.js', piece: 'if (keys.length === 0)', instead: '' },
  {
    file: 'queue/submit.js',
    piece: 'return late ?? failed(faults.outcomeUnknown(waiter.requestId));',
    instead: 'return late ?? failed(faults.timedOut());',
  },
];

/** A worker dies when the customer is there and nobody has been told. */
const diesAfterCommit: Round = { moment: 'committed', target: 'worker', fault: 'kill', manner: 'reset', lastsMs: 100 };

/** A worker stands still in front of the insert until the deadline is over, and not until it loses its jobs. */
const sleepsTooLong: Round = { moment: 'hashed', target: 'worker', fault: 'freeze', manner: 'reset', lastsMs: 4000 };

/** A worker stands still when the customer is there, until its replica has given up. */
const sleepsAfterCommit: Round = { ...sleepsTooLong, moment: 'committed', lastsMs: 6000 };

const waitTimeoutsMs = [1500, 1500] as const;

async function run(round: Round, how: { readonly program?: string; readonly maxAttempts?: number }): Promise<Tally> {
  const options = { queue: 'postgres', waitTimeoutsMs, callsInRound: 12, settleMs: 1000 } as const;
  return (await runChaos({ ...options, ...how, rounds: [round], random: createRandom(1) })).total;
}

const limitMs = 120_000;

/** Whether a process stands still is seen in /proc. */
describe.runIf(process.platform === 'linux')('The harness of the kill matrix', { timeout: limitMs }, () => {
  test('reports doubled customers when the key row is not written', async () => {
    const program = spoilProgram(join(folder, 'without-key-row'), withoutKeyRow);
    expect((await run(diesAfterCommit, { program })).doubled).toBeGreaterThan(0);
    expect((await run(diesAfterCommit, {})).doubled).toBe(0);
  });

  test('reports denied customers when an open outcome is called not created', async () => {
    const program = spoilProgram(join(folder, 'without-truth'), withoutTruth);
    expect((await run(sleepsAfterCommit, { program, maxAttempts: 1 })).denied).toBeGreaterThan(0);
    expect((await run(sleepsAfterCommit, { maxAttempts: 1 })).denied).toBe(0);
  });

  test('reports late customers when the deadline is not looked at', async () => {
    const program = spoilProgram(join(folder, 'without-deadline'), withoutDeadline);
    expect((await run(sleepsTooLong, { program, maxAttempts: 1 })).late).toBeGreaterThan(0);
    expect((await run(sleepsTooLong, { maxAttempts: 1 })).late).toBe(0);
  });
});
