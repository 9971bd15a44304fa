import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OpenJob } from '../../queue/consume.ts';
import type { Submission } from '../../queue/submit.ts';
import type { Outcome } from '../../schemas/jobs.ts';
import {
  callOf,
  changingQueues,
  created,
  losingReplies,
  openTestQueue,
  type TestQueue,
} from '../services/open-queue.ts';
import { queueKinds } from '../services/queues.ts';
import { waitFor } from '../services/wait-for.ts';

/** Long enough for a worker to take a job on a busy machine, short enough to wait for. */
const shortWaitMs = 1000;

const timedOut = { ok: false, fault: { code: 408, text: 'Timed out: the customer was not created' } };
const taken: Outcome = { ok: false, fault: { code: 409, text: 'name is already in use' } };

describe.each(queueKinds)('waiting for an outcome, with the queue in %s', (kind) => {
  let queue: TestQueue;

  beforeEach(async () => {
    queue = await openTestQueue(kind);
  });

  afterEach(() => queue.close());

  /** Starts a worker whose replies are lost. */
  async function loseReplies(createCustomer: (job: OpenJob) => Promise<Outcome>): Promise<void> {
    queue.consume(createCustomer, { backend: losingReplies(queue.backend) });
    await waitForWorker();
  }

  async function waitForWorker(): Promise<void> {
    await waitFor(async () => (await queue.queue.workerCount()) === 1);
  }

  /** Does what a worker does for a call: the row of its key, and the outcome. */
  function storing(paramsHash: string) {
    return async (job: OpenJob): Promise<Outcome> => {
      await queue.writeKeyRow({
        i_wholesaler: job.i_wholesaler,
        key: job.idempotency_key ?? job.id,
        params_hash: paramsHash,
      });
      return created(1);
    };
  }

  async function submitOnce(call: Submission, waitTimeoutMs: number): Promise<Outcome> {
    const { submit } = await queue.openSubmitter({ waitTimeoutMs });
    return submit(call);
  }

  test('When a call is submitted, then the end of its wait travels in the job as the deadline', async () => {
    const deadlines: (number | undefined)[] = [];
    queue.consume(async ({ deadline }) => {
      deadlines.push(deadline);
      return created(1);
    });
    const before = Date.now();
    await submitOnce(callOf('dated'), 20_000);
    const after = Date.now();
    expect(deadlines).toHaveLength(1);
    expect(deadlines[0]).toBeGreaterThanOrEqual(before + 20_000);
    expect(deadlines[0]).toBeLessThanOrEqual(after + 20_000);
  });

  test('When no worker takes the job in time, then the fault is 408 and no worker ever gets it', async () => {
    const { submit } = await queue.openSubmitter({ waitTimeoutMs: shortWaitMs });
    expect(await submit(callOf('too late'))).toEqual(timedOut);
    expect(await queue.dump()).not.toContain('too late');
    const names: unknown[] = [];
    queue.consume(async ({ params }) => {
      names.push(params.name);
      return created(2);
    });
    await waitForWorker();
    expect(await submit(callOf('in time'))).toEqual(created(2));
    expect(names).toEqual(['in time']);
  });

  test('When a worker that has the job at the end of the wait ends soon, then its outcome is the answer', async () => {
    const gate = queue.createGate();
    queue.consume(async () => {
      await gate.opened;
      return created(3);
    });
    await waitForWorker();
    const withdrawn: boolean[] = [];
    const backend = changingQueues(queue.backend, ({ withdraw }) => ({
      async withdraw(jobId) {
        const done = await withdraw(jobId);
        withdrawn.push(done);
        gate.open();
        return done;
      },
    }));
    const { submit } = await queue.openSubmitter({ backend, waitTimeoutMs: shortWaitMs });
    expect(await submit(callOf('just in time'))).toEqual(created(3));
    expect(withdrawn).toEqual([false]);
  });

  test('When the worker that has the job does not end soon, then the fault is 504 with the request id', async () => {
    const gate = queue.createGate();
    queue.consume(async () => {
      await gate.opened;
      return created(4);
    });
    await waitForWorker();
    const outcome = await submitOnce(callOf('endless'), shortWaitMs);
    gate.open();
    const text = 'Outcome unknown: repeat the call with the same idempotency key, request request-of-endless';
    expect(outcome).toEqual({ ok: false, fault: { code: 504, text } });
  });

  test('When the reply is lost, then the row that the job left is the answer, and the loss is counted', async () => {
    await loseReplies(storing('hash-of-lost'));
    let losses = 0;
    const onReplyLoss = () => {
      losses += 1;
    };
    const { submit } = await queue.openSubmitter({ onReplyLoss });
    expect(await submit(callOf('lost'))).toEqual(created(1));
    expect(losses).toBe(1);
  });

  test('When the reply is lost, then a row that an older key hashed is the answer as well', async () => {
    await loseReplies(storing('hash by the older key'));
    const call = callOf('rotated', { paramsHashes: () => ['hash by the newer key', 'hash by the older key'] });
    expect(await submitOnce(call, 20_000)).toEqual(created(1));
  });

  test('When the reply is lost and the key belongs to other parameters, then the fault is 409', async () => {
    await loseReplies(storing('hash of other parameters'));
    const fault = { code: 409, text: 'idempotency_key is already in use with other parameters' };
    const outcome = await submitOnce(callOf('other', { idempotency_key: 'key-1' }), 20_000);
    expect(outcome).toEqual({ ok: false, fault });
  });

  test('When the key had created a customer before the call, then the answer says that it is replayed', async () => {
    const gate = queue.createGate();
    await queue.writeKeyRow({ i_wholesaler: 1, key: 'key-1', params_hash: 'hash-of-again' });
    await loseReplies(async () => {
      await gate.opened;
      return created(1);
    });
    const outcome = await submitOnce(callOf('again', { idempotency_key: 'key-1' }), 20_000);
    gate.open();
    expect(outcome).toEqual({ ok: true, i_customer: 1, replayed: true });
  });

  test('When the reply to a dry run is lost, then the customer of its key is not the answer', async () => {
    await queue.writeKeyRow({ i_wholesaler: 1, key: 'key-1', params_hash: 'hash-of-rehearsed' });
    await loseReplies(async () => ({ ok: true, dry_run: true }));
    const call = callOf('rehearsed', { idempotency_key: 'key-1', dry_run: true });
    expect(await submitOnce(call, 20_000)).toEqual({ ok: true, dry_run: true });
  });

  test('When the reply with a fault is lost, then the fault is found in the job', async () => {
    await loseReplies(async () => taken);
    expect(await submitOnce(callOf('lost fault'), 20_000)).toEqual(taken);
  });

  test('When the reply of a failed job is lost, then the fault is 500 with the request id', async () => {
    await loseReplies(() => Promise.reject(new Error('unforeseen')));
    const fault = { code: 500, text: 'Internal error, request request-of-failed' };
    expect(await submitOnce(callOf('failed'), 20_000)).toEqual({ ok: false, fault });
  });

  test('When the reply is lost and the wait ends at once, then the ended job still gives its fault, not 408', async () => {
    await loseReplies(async () => taken);
    expect(await submitOnce(callOf('ended'), shortWaitMs)).toEqual(taken);
  });

  test('When a job ends while it is taken back, then its customer is the answer, not 408', async () => {
    await loseReplies(storing('hash-of-crossed'));
    const backend = changingQueues(queue.backend, () => ({ withdraw: () => Promise.resolve(true) }));
    const { submit } = await queue.openSubmitter({ backend, waitTimeoutMs: 200 });
    expect(await submit(callOf('crossed'))).toEqual(created(1));
  });
});
