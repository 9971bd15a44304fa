import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCustomer, createdId } from '../services/calls.ts';
import { askMonitor, monitorSettings, readMonitor } from '../services/monitor.ts';
import { clearSecrets, foreignJob, openTestQueue, type TestQueue } from '../services/open-queue.ts';
import { queueKinds } from '../services/queues.ts';
import { type Service, startService } from '../services/service.ts';
import { waitFor } from '../services/wait-for.ts';

const anySecret = new RegExp([...Object.values(clearSecrets), 'Odd-Secret-3'].join('|'));
const callQueue = 'create-customer';

describe.each(queueKinds)('Bull Board, with the queue in %s', (kind) => {
  let queue: TestQueue;
  let service: Service;
  let watcher: Service;

  beforeAll(async () => {
    queue = await openTestQueue(kind);
    const settings = { ...queue.environment, ...monitorSettings };
    service = await startService(settings, ['--role', 'api', '--role', 'monitor', '--allow-changes']);
    watcher = await startService(settings, ['--role', 'monitor']);
  });

  afterAll(async () => {
    expect(await watcher.stop()).toBe(0);
    expect(await service.stop()).toBe(0);
    await queue.close();
  });

  /** Puts a job there as a foreign producer does that cannot seal, and that misspells a name. */
  async function addForeignJob(id: string): Promise<void> {
    const job = foreignJob(`Foreign ${id}`);
    const params = { ...job.params, web_pasword: 'Odd-Secret-3' };
    await queue.queue.add(id, { ...job, params, password: 'Odd-Secret-3' } as typeof job);
  }

  test('shows both queues and no secret of a job that waits, on any of its routes', async () => {
    await addForeignJob(`foreign-${kind}`);
    const base = `/queues/api/queues/${callQueue}/foreign-${kind}`;
    const list = `/queues/api/queues?activeQueue=${callQueue}&status=waiting&page=1&jobsPerPage=10`;
    const { queues } = await readMonitor(watcher, list);
    expect(queues.map(({ name }: { name: string }) => name)).toEqual([callQueue, 'import-customers']);
    expect(JSON.stringify(queues)).toContain(`Foreign foreign-${kind}`);
    expect(JSON.stringify(queues)).not.toMatch(anySecret);
    for (const path of [base, `${base}/logs`, `${base}/flow`]) {
      const response = await askMonitor(watcher, path);
      expect([path, response.status]).toEqual([path, 200]);
      expect(await response.text()).not.toMatch(anySecret);
    }
  });

  test('hides what is sealed', async () => {
    const { job } = await readMonitor(watcher, `/queues/api/queues/${callQueue}/foreign-${kind}`);
    expect(job.data).toMatchObject({ password: '(hidden)', params: { web_password: '(hidden)' } });
    await queue.queue.add(`sealed-${kind}`, { ...foreignJob('Sealed'), sealed: 'Sealed-Text-4', params: {} });
    const text = await (await askMonitor(watcher, `/queues/api/queues/${callQueue}/sealed-${kind}`)).text();
    expect(text).not.toContain('Sealed-Text-4');
  });

  test('changes nothing unless it is started so, and never what it has redacted', async () => {
    await addForeignJob(`kept-${kind}`);
    const job = `/queues/api/queues/${callQueue}/kept-${kind}`;
    const json = { 'Content-Type': 'application/json' };
    const put = (to: Service, path: string, headers = {}) => askMonitor(to, path, { method: 'PUT', headers });
    expect((await put(watcher, `${job}/clean`)).status).toBe(405);
    expect((await put(watcher, `/queues/api/queues/${callQueue}/pause`)).status).toBe(405);
    expect((await put(watcher, `/queues/api/queues/${callQueue}/obliterate`)).status).toBe(405);
    expect((await put(service, `${job}/clean`, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    expect((await put(service, `${job}/clean`, { Origin: 'http://elsewhere.example' })).status).toBe(403);
    const body = JSON.stringify({ jobData: {}, name: 'x', data: {}, options: {} });
    const change = { method: 'PATCH', headers: json, body };
    expect((await askMonitor(service, `${job}/update-data`, change)).status).toBe(403);
    const add = `/queues/api/queues/${callQueue}/add`;
    expect((await askMonitor(service, add, { ...change, method: 'POST' })).status).toBe(403);
    expect((await queue.queue.state(`kept-${kind}`)).state).toBe('unfinished');
    expect((await put(service, `${job}/clean`)).status).toBe(204);
    expect((await queue.queue.state(`kept-${kind}`)).state).toBe('unknown');
  });

  test('shows a job that has ended, with its outcome, its password gone', async () => {
    const worker = await startService({ ...queue.environment, ...monitorSettings }, ['--role', 'worker']);
    const id = createdId(await createCustomer(service.url, { ...clearSecrets, name: `Ended ${kind}`, i_tariff: 1 }));
    const search = `/api/search?q=${encodeURIComponent(`Ended ${kind}`)}`;
    await waitFor(async () => (await readMonitor(service, search)).calls.length === 1);
    const [{ job_id }] = (await readMonitor(service, search)).calls;
    await waitFor(async () => (await queue.queue.state(job_id)).state === 'finished');
    const { job, status } = await readMonitor(watcher, `/queues/api/queues/${callQueue}/${job_id}`);
    expect(status).toBe('completed');
    expect(job).toMatchObject({ returnValue: { ok: true, i_customer: id }, data: { sealed: '(hidden)' } });
    expect(JSON.stringify(job)).not.toMatch(anySecret);
    expect(await worker.stop()).toBe(0);
  });
});
