import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Actor, builtProgram, journalOf, startActor } from '../chaos/actor.ts';
import { createCallClient, type Heard } from '../chaos/call-client.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { queueKinds, queueSettings } from '../services/queues.ts';
import { freePort } from '../services/redis.ts';
import { serviceSettings } from '../services/service.ts';

const clients = 8;

/** Longer than any call takes: an attempt that ends so is no refusal. */
const patienceMs = 45_000;

interface Attempt {
  readonly requestId: string;
  readonly heard: Heard;
}

function nameOf(number: number): string {
  return `Customer ${number}`;
}

describe.each(queueKinds)('When every process is restarted one after the other, with the queue in %s', (kind) => {
  const folder = mkdtempSync(join(tmpdir(), 'createcustomer-rolling-'));
  const client = createCallClient(patienceMs);
  const actors: Actor[] = [];
  const urls: string[] = [];
  const attempts: Attempt[] = [];
  let sent = 0;
  let database: TestDatabase;

  async function start(role: Actor['kind'], number: number, settings: Readonly<Record<string, string>>): Promise<void> {
    const port = await freePort();
    const env = { ...settings, PORT: `${port}`, LOG_LEVEL: 'warn' };
    const name = `${role}-${number}`;
    actors.push(await startActor({ kind: role, name, links: [], program: builtProgram, folder, env }));
    if (role === 'api') urls.push(`http://127.0.0.1:${port}/xmlapi/xmlapi`);
  }

  beforeAll(async () => {
    database = await createTestDatabase();
    await database.db('trusted_hosts').insert({ ip: '127.0.0.1' });
    const settings = { ...serviceSettings(database.url), ...queueSettings(kind) };
    for (const role of ['worker', 'api'] as const) for (const number of [1, 2]) await start(role, number, settings);
  });

  afterAll(async () => {
    client.close();
    for (const actor of actors) await actor.close();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A balancer: a connection that is refused or closed before anything came back goes to the other replica. */
  async function call(number: number): Promise<void> {
    for (let attempt = 0, heard: Heard = 'nothing'; heard === 'nothing'; attempt += 1) {
      const requestId = `${number}.${attempt}`;
      const url = urls[(number + attempt) % urls.length] ?? '';
      heard = await client.send(url, { key: `${number}`, name: nameOf(number), requestId });
      attempts.push({ requestId, heard });
    }
  }

  /** Calls without a pause, until all processes have been restarted. */
  async function callUntil(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      sent += 1;
      await call(sent);
    }
  }

  test('then every call that reached a replica is answered with a customer, and each process ends with code 0', async () => {
    let isOver = false;
    const load = Array.from({ length: clients }, () => callUntil(() => isOver));
    const codes: (number | null)[] = [];
    for (const actor of actors) codes.push(await actor.restart());
    isOver = true;
    await Promise.all(load);

    expect(codes).toEqual([0, 0, 0, 0]);
    const answered = attempts.filter(({ heard }) => heard !== 'nothing');
    expect(answered.filter(({ heard }) => typeof heard === 'object' && 'fault' in heard)).toEqual([]);
    expect(answered).toHaveLength(sent);
    const reached = actors
      .filter((actor) => actor.kind === 'api')
      .flatMap(({ name }) => readFileSync(journalOf(folder, name), 'utf8').trim().split('\n'))
      .map((line) => line.split(' ')[0]);
    expect(reached.toSorted()).toEqual(answered.map(({ requestId }) => requestId).toSorted());
    const names = await database.db('customers').where('i_customer', '>', 1).pluck('name');
    expect(names.toSorted()).toEqual(Array.from({ length: sent }, (_, index) => nameOf(index + 1)).toSorted());
    console.log(`Queue in ${kind}: ${sent} calls, ${attempts.length - sent} went to the other replica`);
  });
});
