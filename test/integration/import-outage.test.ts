import { describe, expect, test } from 'vitest';
import { goodRows, openImportPlace, startImport, summaryOf } from '../services/importing.ts';
import { startOwnPostgres } from '../services/own-postgres.ts';
import { queueKinds } from '../services/queues.ts';
import { startRedis } from '../services/redis.ts';
import { serviceSettings, startService } from '../services/service.ts';
import { openRelay } from '../services/tcp-relay.ts';
import { waitFor } from '../services/wait-for.ts';

const set = ['--set', 'i_tariff=1'];

describe('When what an import stands on goes away', () => {
  test.runIf(queueKinds.includes('redis'))(
    'Redis: it says so once, and goes on by itself when it is back',
    async () => {
      const place = await openImportPlace('postgres');
      const redis = await startRedis();
      const settings = { ...place.settings, REDIS_URL: redis.url };
      const worker = await startService(settings, ['--role', 'worker']);
      place.write('redis.csv', goodRows('Redis', 300));
      const run = startImport(['redis.csv', ...set, '--rate', '100', '--chunk-rows', '20'], settings, place);
      await waitFor(async () => (await place.countNamed('Redis')) > 0);
      await redis.kill();
      await waitFor(() => run.stderr().includes('The queue cannot be reached'));
      await redis.start();
      const { code, stderr } = await run.ended;
      expect({ code, away: stderr.split('cannot be reached').length - 1 }).toEqual({ code: 0, away: 1 });
      expect(stderr).toContain('The queue is there again: going on.');
      expect(await place.countNamed('Redis')).toBe(300);
      await worker.stop();
      await redis.stop();
      await place.close();
    },
  );

  test('The database: it says so once, ends when it is told to, and goes on when it is back', async () => {
    const place = await openImportPlace('postgres');
    const worker = await place.startWorker();
    const target = new URL(place.settings.DATABASE_URL ?? '');
    const relay = await openRelay({ host: target.hostname, port: Number(target.port) });
    target.port = String(relay.port);
    place.write('database.csv', goodRows('Database', 300));
    const args = ['database.csv', ...set, '--rate', '100', '--chunk-rows', '20'];
    const run = startImport(args, serviceSettings(target.href), place);
    await waitFor(async () => (await place.countNamed('Database')) > 0);
    relay.goSilent();
    await waitFor(() => /The (database|queue) cannot be reached/.test(run.stderr()), 30_000);
    run.kill('SIGINT');
    expect((await run.ended).code).toBe(1);
    relay.speak();
    const end = await startImport([...args, '--json'], serviceSettings(target.href), place).ended;
    expect(summaryOf(end)).toMatchObject({ created: 300, failed: 0 });
    await relay.close();
    await worker.stop();
    await place.close();
  });

  test.each(queueKinds)('PostgreSQL, with the queue in %s: it waits until it is back', async (kind) => {
    const place = await openImportPlace(kind);
    const postgres = await startOwnPostgres();
    const settings = { ...place.settings, DATABASE_URL: postgres.url };
    const worker = await startService(settings, ['--role', 'worker']);
    place.write('restart.csv', goodRows('Restart', 300));
    const run = startImport(['restart.csv', ...set, '--rate', '100', '--chunk-rows', '20', '--json'], settings, place);
    await waitFor(() => /"created":[1-9]/.test(run.stdout()));
    await postgres.stop();
    await waitFor(() => run.stderr().includes('cannot be reached'));
    await postgres.start();
    const end = await run.ended;
    expect(end.stderr).toContain('is there again: going on.');
    expect(end.code).toBe(0);
    expect(summaryOf(end)).toMatchObject({ created: 300, failed: 0 });
    await worker.stop();
    await postgres.remove();
    await place.close();
  });

  test('The schema is not as expected: the import ends without a statement in its words, and the log has the rest', async () => {
    const place = await openImportPlace('postgres');
    const worker = await place.startWorker();
    await place.db.schema.renameTable('audit_log', 'audit_log_away');
    place.write('broken.csv', goodRows('Broken', 2));
    const { code, stdout, stderr } = await place.run(['broken.csv', ...set, '--import-id', 'broken']);
    expect(code).toBe(1);
    expect(stdout).toContain(
      'Workers failed 5 times at the chunk of lines 2 to 3: Internal error: the log of the worker has the rest.',
    );
    expect(`${stdout} ${stderr}`).not.toMatch(/audit_log|insert into/i);
    expect(worker.output()).toMatch(/audit_log.*"import_id":"broken","chunk":1,"msg":"chunk failed"/);
    await worker.stop();
    await place.close();
  });
});
