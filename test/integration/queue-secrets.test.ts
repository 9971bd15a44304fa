import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OpenJob } from '../../queue/consume.ts';
import { createSealer } from '../../runtime/seal.ts';
import type { CreateCustomerJob } from '../../schemas/jobs.ts';
import { secretKeys } from '../services/constants.ts';
import {
  callOf,
  changingQueues,
  clearSecrets,
  created,
  foreignJob,
  openTestQueue,
  type TestQueue,
} from '../services/open-queue.ts';
import { queueKinds } from '../services/queues.ts';
import { waitFor } from '../services/wait-for.ts';

const anySecret = new RegExp(Object.values(clearSecrets).join('|'));

describe.each(queueKinds)('secrets in the queue, in %s', (kind) => {
  let queue: TestQueue;

  beforeEach(async () => {
    queue = await openTestQueue(kind);
  });

  afterEach(() => queue.close());

  /** Starts a worker that notes each job, and what the store held while it had the job. */
  function noteJobs() {
    const jobs: OpenJob[] = [];
    const dumps: string[] = [];
    queue.consume(async (job) => {
      dumps.push(await queue.dump());
      jobs.push(job);
      return created(1);
    });
    return { jobs, dumps };
  }

  async function waitForEnd(jobId: string): Promise<void> {
    await waitFor(async () => ['finished', 'failed'].includes((await queue.queue.state(jobId)).state));
  }

  async function expectInternalFault(jobId: string): Promise<void> {
    await waitForEnd(jobId);
    expect(await queue.queue.state(jobId)).toMatchObject({ state: 'failed' });
  }

  /** What our own front put into the store for a call, before any worker has it. */
  async function sealedByFront(name: string): Promise<string> {
    const sealed: string[] = [];
    const backend = changingQueues(queue.backend, () => ({
      add: async (_, job) => void sealed.push(job.sealed ?? ''),
      withdraw: async () => true,
    }));
    const { submit } = await queue.openSubmitter({ backend, waitTimeoutMs: 10 });
    await submit(callOf(name));
    return sealed[0] ?? '';
  }

  test('When a call waits, runs and has ended, then its passwords are nowhere in the store', async () => {
    const { submit } = await queue.openSubmitter();
    const outcome = submit(callOf('sealed'));
    await waitFor(async () => (await queue.dump()).includes('request-of-sealed'));
    const waiting = await queue.dump();
    const { jobs, dumps } = noteJobs();
    await outcome;
    for (const dump of [waiting, ...dumps, await queue.dump()]) {
      expect(dump).toMatch(/request-of-sealed.*sealed|sealed.*request-of-sealed/);
      expect(dump).not.toMatch(anySecret);
    }
    expect(jobs).toMatchObject([{ params: { name: 'sealed', ...clearSecrets } }]);
  });

  test('When the same call is submitted twice, then the sealed forms differ', async () => {
    expect(await sealedByFront('twin')).not.toBe(await sealedByFront('twin'));
  });

  test('When a call fails in the worker, then its passwords are nowhere in the store', async () => {
    const { submit } = await queue.openSubmitter();
    const opened: OpenJob[] = [];
    queue.consume(async (job) => {
      opened.push(job);
      throw new Error('nobody foresaw this');
    });
    expect(await submit(callOf('failing'))).toMatchObject({ ok: false, fault: { code: 500 } });
    expect(opened).toMatchObject([{ params: clearSecrets }]);
    await expectInternalFault(opened[0]?.id ?? '');
    const dump = await queue.dump();
    expect(dump).toContain('request-of-failing');
    expect(dump).not.toMatch(anySecret);
  });

  test('When a foreign producer sends clear passwords, then they are sealed by the time the job runs', async () => {
    await queue.queue.add('foreign-job', foreignJob('foreign'));
    expect(await queue.dump()).toMatch(anySecret);
    const { jobs, dumps } = noteJobs();
    await waitForEnd('foreign-job');
    expect(jobs).toMatchObject([{ id: 'foreign-job', params: { name: 'foreign', ...clearSecrets } }]);
    expect(dumps[0]).toContain('request-of-foreign');
    expect(dumps[0]).not.toMatch(anySecret);
    expect(await queue.dump()).not.toMatch(anySecret);
  });

  test('When a foreign job does not follow the schema, then its clear passwords are gone', async () => {
    const wrong: readonly unknown[] = [
      foreignJob('wrong', { version: 2 }),
      { ...foreignJob('wrong'), params: [clearSecrets] },
      { ...foreignJob('wrong'), ...clearSecrets },
      JSON.stringify(foreignJob('wrong')),
      [clearSecrets],
    ];
    for (const [index, job] of wrong.entries()) await queue.queue.add(`wrong-job-${index}`, job as CreateCustomerJob);
    expect(await queue.dump()).toMatch(anySecret);
    const { jobs } = noteJobs();
    for (const index of wrong.keys()) await waitForEnd(`wrong-job-${index}`);
    expect(await queue.dump()).toContain('wrong-job-0');
    expect(await queue.dump()).not.toMatch(anySecret);
    expect(jobs).toEqual([]);
  });

  test('When a foreign job has one password sealed and one in clear, then both are opened', async () => {
    const sealer = createSealer([Buffer.from(secretKeys, 'base64')]);
    const { api_password, ...clear } = foreignJob('mixed').params;
    const sealed = sealer.seal(JSON.stringify({ api_password }), 'job:mixed-job');
    await queue.queue.add('mixed-job', { ...foreignJob('mixed'), params: clear, sealed });
    const { jobs, dumps } = noteJobs();
    await waitForEnd('mixed-job');
    expect(jobs).toMatchObject([{ params: clearSecrets }]);
    expect(dumps[0]).not.toMatch(anySecret);
  });

  test('When a foreign job has a parameter named __proto__, then it is there to be refused', async () => {
    const job = foreignJob('proto');
    const params = JSON.parse(`{"__proto__": {"name": "shadow"}, ${JSON.stringify(job.params).slice(1)}`);
    await queue.queue.add('proto-job', { ...job, params });
    const { jobs } = noteJobs();
    await waitForEnd('proto-job');
    expect(jobs.map((opened) => Object.keys(opened.params))).toEqual([expect.arrayContaining(['__proto__', 'name'])]);
    expect(jobs).toMatchObject([{ params: { name: 'proto', ...clearSecrets } }]);
  });

  test('When what was sealed for one job is put into another, then it is not opened', async () => {
    const sealed = await sealedByFront('victim');
    const { jobs } = noteJobs();
    const { params: _, ...job } = foreignJob('thief');
    await queue.queue.add('thief-job', { ...job, params: { name: 'thief', i_tariff: 1 }, sealed });
    await expectInternalFault('thief-job');
    expect(jobs).toEqual([]);
  });

  test('When a job was sealed with an unknown key, then it ends in a fault and the worker goes on', async () => {
    const stranger = createSealer([Buffer.alloc(32, 7)]);
    const sealed = stranger.seal(JSON.stringify(clearSecrets), 'job:strange-job');
    const { jobs } = noteJobs();
    await queue.queue.add('strange-job', { ...foreignJob('strange'), params: { name: 'strange' }, sealed });
    await expectInternalFault('strange-job');
    const { submit } = await queue.openSubmitter();
    expect(await submit(callOf('next'))).toEqual(created(1));
    expect(jobs).toMatchObject([{ params: { name: 'next' } }]);
  });
});
