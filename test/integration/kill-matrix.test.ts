import { describe, expect, test } from 'vitest';
import { steps } from '../../runtime/steps.ts';
import { beyondLockMs, type Round, stepOwners } from '../chaos/plan.ts';
import { createRandom } from '../chaos/random.ts';
import { runChaos } from '../chaos/run.ts';
import { queueKinds } from '../services/queues.ts';

/** Every process that reaches a step dies there; one worker stands still until its job has another one. */
const matrix: readonly Round[] = [
  { moment: 'hashed', target: 'worker', fault: 'freeze', manner: 'silent', lastsMs: beyondLockMs },
  ...steps.map(
    (moment): Round => ({ moment, target: stepOwners[moment], fault: 'kill', manner: 'reset', lastsMs: 100 }),
  ),
  { moment: 'committed', target: 'postgres', fault: 'kill', manner: 'reset', lastsMs: 500 },
  { moment: 'queued', target: 'postgres', fault: 'freeze', manner: 'silent', lastsMs: 1500 },
  { moment: 'taken', target: 'worker', fault: 'cut', manner: 'silent', lastsMs: 1500 },
  { moment: 'replied', target: 'api', fault: 'cut', manner: 'reset', lastsMs: 500 },
  { moment: 'checked', target: 'api', fault: 'freeze', manner: 'silent', lastsMs: 1000 },
];

const redisFaults: readonly Round[] = [
  { moment: 'queued', target: 'redis', fault: 'kill', manner: 'reset', lastsMs: 300 },
  { moment: 'committed', target: 'redis', fault: 'cut', manner: 'silent', lastsMs: 1000 },
];

/** The frozen worker wakes up before the one replica gives its calls up, and long after the other one has. */
const waitTimeoutsMs = [3000, 20_000] as const;

const limitMs = 120_000;

/** Whether a process stands still is seen in /proc. */
describe.runIf(process.platform === 'linux').each(queueKinds)(
  'When processes are killed, frozen and cut off in the middle of calls, with the queue in %s',
  (queue) => {
    test('then no customer is doubled, lost, late, or created in spite of a fault', { timeout: limitMs }, async () => {
      const rounds = queue === 'redis' ? [...matrix, ...redisFaults] : matrix;
      const random = createRandom(1);
      const report = await runChaos({ queue, waitTimeoutsMs, rounds, callsInRound: 12, random, settleMs: 1000 });
      console.log(`Queue in ${queue}\n${report.table}`);
      const { total, faults, unmatched, crashes } = report;
      expect({ ...total, unmatched, crashes }).toMatchObject({
        doubled: 0,
        lost: 0,
        denied: 0,
        late: 0,
        unmatched: 0,
        crashes: 0,
      });
      expect(total.acknowledged + total.givenUp).toBe(total.calls);
      expect(faults).toBe(rounds.length);
    });
  },
);
