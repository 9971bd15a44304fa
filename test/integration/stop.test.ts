import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCustomer, createdId } from '../services/calls.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { queueKinds, queueSettings } from '../services/queues.ts';
import { serviceSettings, startService } from '../services/service.ts';
import { waitFor } from '../services/wait-for.ts';

const call = { web_password: 'correct7horse', i_tariff: 1 };

/** A hash that takes about a second: time enough to stop the service in the middle of a call. */
const slowHashing = { ARGON2_MEMORY_KIB: '65536', ARGON2_TIME_COST: '20' };

describe.each(queueKinds)('SIGTERM, with the queue in %s', (kind) => {
  let database: TestDatabase;
  let settings: Record<string, string>;

  beforeAll(async () => {
    database = await createTestDatabase();
    settings = { ...serviceSettings(database.url), ...queueSettings(kind), ...slowHashing };
  });

  afterAll(() => database.drop());

  test('during a call: the call is answered, then the process ends with code 0', async () => {
    const service = await startService({ ...settings, LOG_LEVEL: 'debug' });
    const answer = createCustomer(service.url, { ...call, name: 'In flight' });
    await waitFor(() => service.output().includes('"msg":"job taken"'));
    service.process.kill('SIGTERM');
    expect(createdId(await answer)).toBeGreaterThan(1);
    expect(await service.exited).toBe(0);
  });

  test('while idle clients keep their connections open: the process ends all the same', async () => {
    const service = await startService(settings);
    const response = await fetch(new URL('/healthz', service.url), { keepalive: true });
    expect(response.status).toBe(200);
    expect(await service.stop()).toBe(0);
  });

  test('and a second signal a little later: the process ends at once with code 1', async () => {
    const service = await startService({ ...settings, LOG_LEVEL: 'debug' });
    const answer = createCustomer(service.url, { ...call, name: 'Cut off' }).catch(() => 'cut off');
    await waitFor(() => service.output().includes('"msg":"job taken"'));
    await database.db.transaction(async (trx) => {
      // Nothing can be inserted now, so that the call cannot end by itself.
      await trx.raw('LOCK TABLE customers IN EXCLUSIVE MODE');
      await waitFor(() => {
        service.process.kill('SIGTERM');
        return service.process.exitCode !== null;
      });
    });
    expect(await service.exited).toBe(1);
    expect(await answer).toBe('cut off');
  });

  test('to the worker alone: the job in hand is finished, and the front answers the call', async () => {
    const worker = await startService({ ...settings, LOG_LEVEL: 'debug' }, ['--role', 'worker']);
    const api = await startService(settings, ['--role', 'api']);
    const answer = createCustomer(api.url, { ...call, name: 'Worker stops' });
    await waitFor(() => worker.output().includes('"msg":"job taken"'));
    worker.process.kill('SIGTERM');
    expect(createdId(await answer)).toBeGreaterThan(1);
    expect(await worker.exited).toBe(0);
    expect(await api.stop()).toBe(0);
  });
});
