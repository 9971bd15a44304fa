import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goodRows, type ImportPlace, openImportPlace, summaryOf } from '../services/importing.ts';
import { queueKinds } from '../services/queues.ts';
import { waitFor } from '../services/wait-for.ts';

const set = ['--set', 'i_tariff=1'];

/** How long a run lives at most before it is killed: from before its first chunk to somewhere within. */
const longestLifeMs = 900;

describe.each(queueKinds)('An import over the queue in %s', (kind) => {
  let place: ImportPlace;

  beforeAll(async () => {
    place = await openImportPlace(kind);
  });

  afterAll(() => place.close());

  test('When producer and worker are killed again and again, then every row is created once', async () => {
    const rows = 1500;
    place.write('kills.csv', goodRows('Killed', rows));
    const args = ['kills.csv', ...set, '--chunk-rows', '50', '--rate', '1500'];
    let worker = await place.startWorker();
    for (let kill = 0; kill < 10; kill += 1) {
      const run = place.start(args);
      await sleep(300 + Math.random() * longestLifeMs);
      if (kill % 4 === 1) {
        worker.process.kill('SIGKILL');
        worker = await place.startWorker();
      }
      run.kill('SIGKILL');
      await run.ended;
    }
    const end = await place.run(['kills.csv', ...set, '--chunk-rows', '70', '--json']);
    expect(end.code).toBe(0);
    expect(summaryOf(end)).toMatchObject({ read: rows, created: rows, failed: 0 });
    expect(await place.countNamed('Killed')).toBe(rows);
    const ids = new Set(place.rows('kills.csv.created.csv').map(({ i_customer }) => i_customer));
    expect(ids.size).toBe(rows);
    await worker.stop();
  });

  test('When no worker is there, then it says so and waits; when one starts, then it goes on', async () => {
    place.write('alone.csv', goodRows('Alone', 3));
    const run = place.start(['alone.csv', ...set]);
    await waitFor(() =>
      run.stderr().includes('No worker is there: start one with "createcustomer serve --role worker"'),
    );
    const worker = await place.startWorker();
    expect(await run.ended).toMatchObject({ code: 0 });
    await worker.stop();
  });

  test('When it is interrupted while no worker is there, then it ends, and the next run tells what became of its rows', async () => {
    place.write('left.csv', goodRows('Left', 20));
    const run = place.start(['left.csv', ...set, '--chunk-rows', '10']);
    await waitFor(() => run.stderr().includes('No worker is there'));
    run.kill('SIGINT');
    const { code, stdout } = await run.ended;
    expect(code).toBe(1);
    expect(stdout).toContain('Stopped by Ctrl-C.\nUp to 20 rows are in the queue; the next run tells their fate.\n');
    const worker = await place.startWorker();
    expect(await place.run(['left.csv', ...set])).toMatchObject({ code: 0 });
    expect(await place.countNamed('Left')).toBe(20);
    await worker.stop();
  });

  test('When it is interrupted, then what is in the queue is finished, and the command that goes on is told', async () => {
    const worker = await place.startWorker();
    place.write('stop me.csv', goodRows('Stopped', 500));
    const run = place.start(['stop me.csv', ...set, '--rate', '50', '--chunk-rows', '20']);
    await waitFor(async () => (await place.countNamed('Stopped')) > 0);
    run.kill('SIGINT');
    const { code, stdout, stderr } = await run.ended;
    expect(code).toBe(1);
    expect(stderr).toContain('Ending: what is in the queue is finished first.');
    expect(stdout).toContain(
      "Stopped by Ctrl-C.\nNo row is created twice. To go on:\n  createcustomer import 'stop me.csv' --set",
    );
    const created = await place.countNamed('Stopped');
    expect(place.rows('stop me.csv.created.csv')).toHaveLength(created);
    expect(created).toBeLessThan(500);
    const end = await place.run(['stop me.csv', ...set, '--json']);
    expect(summaryOf(end)).toMatchObject({ created: 500, created_before: created, failed: 0 });
    await worker.stop();
  });
});
