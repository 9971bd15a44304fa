import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCustomer, createdId, faultOf, post } from '../services/calls.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { queueKinds, queueSettings } from '../services/queues.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';
import { waitFor } from '../services/wait-for.ts';

const mandatory = { web_password: 'correct7horse', i_tariff: 1 };
const tooMany = { code: 429, text: 'Too many requests: repeat the call a little later' };

describe.each(queueKinds)('An overloaded service, with the queue in %s', (kind) => {
  let database: TestDatabase;
  let settings: Record<string, string>;
  let front: Service;

  beforeAll(async () => {
    database = await createTestDatabase();
    settings = { ...serviceSettings(database.url), ...queueSettings(kind) };
    front = await startService({ ...settings, MAX_QUEUE_LENGTH: '3' }, ['--role', 'api']);
  });

  afterAll(async () => {
    await front.stop();
    await database.drop();
  });

  test('When more calls come than may wait, then they are refused at once, unread, and nothing of them is kept', async () => {
    let refused = 0;
    const calls = [1, 2, 3, 4, 5, 6].map(async (n) => {
      const answer = await createCustomer(front.url, { ...mandatory, name: `Waits ${n}` });
      refused += Number('fault' in answer);
      return answer;
    });
    await waitFor(() => refused >= 3);
    const { status, body } = await post(front.url, 'this is no XML, and nobody looks');
    expect([status, body]).toEqual([200, expect.stringContaining(tooMany.text)]);
    expect(faultOf(await createCustomer(front.url, { ...mandatory, name: 'Beyond' }))).toEqual(tooMany);
    const worker = await startService(settings, ['--role', 'worker']);
    const answers = await Promise.all(calls);
    const faults = answers.flatMap((answer) => ('fault' in answer ? [answer.fault] : []));
    expect(faults).toEqual(Array.from({ length: refused }, () => tooMany));
    const created = await database.db('customers').where('name', 'like', 'Waits%').pluck('i_customer');
    expect(created.toSorted()).toEqual(
      answers.flatMap((answer) => ('fault' in answer ? [] : [createdId(answer)])).toSorted(),
    );
    expect(await database.db('customers').where({ name: 'Beyond' })).toEqual([]);
    await waitFor(async () => {
      const answer = await createCustomer(front.url, { ...mandatory, name: `After ${Date.now()}` });
      return !('fault' in answer);
    });
    expect(await worker.stop()).toBe(0);
  });
});
