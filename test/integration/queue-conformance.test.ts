import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Backend } from '../../queue/backend.ts';
import type { OpenJob } from '../../queue/consume.ts';
import type { Outcome } from '../../schemas/jobs.ts';
import { callOf, changingQueues, created, foreignJob, openTestQueue, type TestQueue } from '../services/open-queue.ts';
import { queueKinds } from '../services/queues.ts';
import { waitFor } from '../services/wait-for.ts';

const notify = { payloadBytes: 8000 };

describe.each(queueKinds)('the queue of single calls in %s', (kind) => {
  let queue: TestQueue;

  beforeEach(async () => {
    queue = await openTestQueue(kind);
  });

  afterEach(() => queue.close());

  /** Answers a call named `7` with the customer 7. */
  async function byName({ params }: OpenJob): Promise<Outcome> {
    return created(Number(params.name));
  }

  /** A backend that notes the ids of the jobs that are added. */
  function notingIds(ids: string[]): Backend {
    return changingQueues(queue.backend, ({ add }) => ({
      add(jobId, job) {
        ids.push(jobId);
        return add(jobId, job);
      },
    }));
  }

  test('When a call is submitted, then createCustomer gets all of it and its outcome is the answer', async () => {
    const jobs: OpenJob[] = [];
    queue.consume(async (job) => {
      jobs.push(job);
      return { ok: true, i_customer: 77, replayed: true };
    });
    const { paramsHashes, ...call } = callOf('whole', { idempotency_key: 'key-1', dry_run: false });
    const { submit } = await queue.openSubmitter();
    expect(await submit({ ...call, paramsHashes })).toEqual({ ok: true, i_customer: 77, replayed: true });
    expect(jobs).toMatchObject([call]);
  });

  test('When createCustomer answers with a fault, then the same fault comes back', async () => {
    const refusal: Outcome = {
      ok: false,
      fault: { code: 409, text: 'name „Ä\u{1f600}" is already in use\nWrong i_tariff' },
    };
    queue.consume(async () => refusal);
    const { submit } = await queue.openSubmitter();
    expect(await submit(callOf('refused'))).toEqual(refusal);
  });

  test('When 200 calls are submitted at once, then each gets its own outcome', async () => {
    queue.consume(byName);
    const { submit } = await queue.openSubmitter();
    const names = Array.from({ length: 200 }, (_, index) => `${index + 1}`);
    const outcomes = await Promise.all(names.map((name) => submit(callOf(name))));
    expect(outcomes).toEqual(names.map((name) => created(Number(name))));
  });

  test('When two replicas submit, then each hears its own replies alone', async () => {
    const heard = new Map<string, string[]>();
    const listening: Backend = {
      ...queue.backend,
      replies: {
        ...queue.backend.replies,
        subscribe(replica, onMessage) {
          const messages: string[] = [];
          heard.set(replica, messages);
          return queue.backend.replies.subscribe(replica, (message) => {
            messages.push(message);
            onMessage(message);
          });
        },
      },
    };
    queue.consume(byName);
    const replicas = [
      await queue.openSubmitter({ backend: listening }),
      await queue.openSubmitter({ backend: listening }),
    ];
    const calls = Array.from({ length: 40 }, (_, index) => index + 1);
    const outcomes = await Promise.all(calls.map((call) => replicas[call % 2]?.submit(callOf(`${call}`))));
    expect(outcomes).toEqual(calls.map(created));
    const customers = [...heard.values()].map((messages) =>
      messages.map((each) => JSON.parse(each).outcome.i_customer),
    );
    expect(customers.map((each) => each.length)).toEqual([20, 20]);
    expect(customers[0]?.every((i_customer) => i_customer % 2 === 0)).toBe(true);
    expect(customers[1]?.every((i_customer) => i_customer % 2 === 1)).toBe(true);
  });

  test('When more calls are in flight than allowed, then the next is refused and not enqueued', async () => {
    const ids: string[] = [];
    const gate = queue.createGate();
    queue.consume(async (job) => {
      await gate.opened;
      return byName(job);
    });
    const { submit } = await queue.openSubmitter({ backend: notingIds(ids), maxInFlight: 2, waitTimeoutMs: 5000 });
    const running = [submit(callOf('1')), submit(callOf('2'))];
    expect(await submit(callOf('3'))).toMatchObject({ ok: false, fault: { code: 429 } });
    gate.open();
    expect(await Promise.all(running)).toEqual([created(1), created(2)]);
    expect(ids).toHaveLength(2);
    expect(await submit(callOf('4'))).toEqual(created(4));
  });

  test('When as many jobs wait as are allowed, then the next is refused and not enqueued, until some are taken', async () => {
    const ids: string[] = [];
    const limits = { backend: notingIds(ids), maxQueueLength: 2 };
    const { submit, isFull } = await queue.openSubmitter(limits);
    const waiting = [submit(callOf('1')), submit(callOf('2'))];
    expect(isFull()).toBe(true);
    expect(await submit(callOf('3'))).toMatchObject({ ok: false, fault: { code: 429 } });
    const other = await queue.openSubmitter(limits);
    await waitFor(() => other.isFull());
    expect(ids).toHaveLength(2);
    queue.consume(byName);
    expect(await Promise.all(waiting)).toEqual([created(1), created(2)]);
    await waitFor(() => !isFull());
    expect(await submit(callOf('4'))).toEqual(created(4));
  });

  test('When jobs wait, then they are counted and can be taken back; one in hand cannot', async () => {
    await queue.queue.add('waits', foreignJob('waits'));
    expect(await queue.queue.waitingCount()).toBe(1);
    expect(await queue.queue.withdraw('waits')).toBe(true);
    expect([await queue.queue.waitingCount(), await queue.queue.withdraw('waits')]).toEqual([0, false]);
    const gate = queue.createGate();
    const runs: boolean[] = [];
    queue.consume(async ({ isFirstRun }) => {
      runs.push(isFirstRun);
      await gate.opened;
      return created(1);
    });
    await queue.queue.add('in-hand', foreignJob('in hand'));
    await waitFor(() => runs.length === 1);
    expect([await queue.queue.withdraw('in-hand'), runs]).toEqual([false, [true]]);
  });

  test('When an outcome is larger than a NOTIFY may be, then it arrives whole', async () => {
    const text = 'Wrong value of name: ä'.padEnd(20_000, '.');
    expect(text.length).toBeGreaterThan(notify.payloadBytes);
    queue.consume(async () => ({ ok: false, fault: { code: 400, text } }));
    const { submit } = await queue.openSubmitter();
    expect(await submit(callOf('large'))).toEqual({ ok: false, fault: { code: 400, text } });
  });

  test('When the same call is submitted again, also with the same key, then its job has a new id', async () => {
    const ids: string[] = [];
    queue.consume(async () => created(1));
    const { submit } = await queue.openSubmitter({ backend: notingIds(ids) });
    await Promise.all([submit(callOf('twin')), submit(callOf('twin'))]);
    await submit(callOf('twin', { idempotency_key: 'key-1' }));
    await submit(callOf('twin', { idempotency_key: 'key-1' }));
    expect(new Set(ids).size).toBe(4);
  });

  test('When createCustomer throws, then the fault is 500 with the request id, and the job shows as failed', async () => {
    const ids: string[] = [];
    queue.consume(() => Promise.reject(new Error('the disk is on fire')));
    const { submit } = await queue.openSubmitter({ backend: notingIds(ids) });
    const fault = { code: 500, text: 'Internal error, request request-of-thrown' };
    expect(await submit(callOf('thrown'))).toEqual({ ok: false, fault });
    await waitFor(async () => (await queue.queue.state(ids[0] ?? '')).state === 'failed');
    expect(await queue.dump()).not.toContain('the disk is on fire');
  });

  test.each([
    ['another version', { version: 2 }, 'job/version must be equal to constant'],
    ['no parameters', { params: undefined }, "job must have required property 'params'"],
    ['an unknown member', { parent: 1 }, 'job must NOT have additional properties'],
    ['a parent that is a text', { i_wholesaler: '1' }, 'job/i_wholesaler must be integer'],
  ])('When a job has %s, then it ends in a fault, and the worker goes on', async (_, wrong, reason) => {
    const names: unknown[] = [];
    queue.consume(async ({ params }) => {
      names.push(params.name);
      return created(5);
    });
    await queue.queue.add('wrong-job', foreignJob('wrong', wrong));
    const { submit } = await queue.openSubmitter();
    expect(await submit(callOf('right'))).toEqual(created(5));
    await waitFor(async () => (await queue.queue.state('wrong-job')).state === 'finished');
    const text = `The job does not follow its schema\n${reason}`;
    expect(await queue.queue.state('wrong-job')).toEqual({
      state: 'finished',
      result: { ok: false, fault: { code: 400, text } },
    });
    expect(names).toEqual(['right']);
  });

  test('When a worker is closed, then it finishes the jobs in hand and takes none of those that wait', async () => {
    const gate = queue.createGate();
    const begun: unknown[] = [];
    const waiting = async (job: OpenJob) => {
      begun.push(job.params.name);
      await gate.opened;
      return byName(job);
    };
    const worker = queue.consume(waiting, { concurrency: 2 });
    const { submit } = await queue.openSubmitter();
    const calls = [1, 2, 3, 4, 5, 6];
    const outcomes = Promise.all(calls.map((call) => submit(callOf(`${call}`))));
    await waitFor(() => begun.length === 2);
    const closed = worker.close();
    gate.open();
    await closed;
    expect(begun).toHaveLength(2);
    queue.consume(byName);
    expect(await outcomes).toEqual(calls.map(created));
  });

  test('When workers come and go, then their count is known', async () => {
    const { workerCount } = await queue.openSubmitter();
    expect(await workerCount()).toBe(0);
    const first = queue.consume(byName);
    await waitFor(async () => (await workerCount()) === 1);
    queue.consume(byName);
    await waitFor(async () => (await workerCount()) === 2);
    await first.close();
    await waitFor(async () => (await workerCount()) === 1);
  });

  test('When the store of the queue answers, then a ping resolves', async () => {
    await expect(queue.backend.ping()).resolves.toBeUndefined();
  });
});
