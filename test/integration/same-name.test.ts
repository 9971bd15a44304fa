import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, decodeResponse } from '../../api/decode.ts';
import { encodeCall } from '../../api/encode.ts';
import { createdId, faultOf, type Members } from '../services/calls.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { queueKinds, queueSettings } from '../services/queues.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';
import { waitFor } from '../services/wait-for.ts';

const callsAtOnce = 200;

/** As many statements as a worker runs at a time once a lock holds them up: all must be at the same place before any gets on. */
const statementsAtOnce = 8;

const alias = 'portal.example.org';

/** The same host name for every number, in a case of its own: each bit of the number is the case of a letter. */
function inCaseOf(number: number): string {
  let bits = number;
  return alias.replaceAll(/[a-z]/g, (letter) => {
    const isUpper = bits % 2 === 1;
    bits = Math.floor(bits / 2);
    return isUpper ? letter.toUpperCase() : letter;
  });
}

interface Race {
  /** What makes the calls compete. */
  readonly members: (number: number) => Members;
  /** What each loser is told. */
  readonly taken: string;
}

const races: readonly (readonly [shared: string, race: Race])[] = [
  [
    'name',
    { members: () => ({ name: 'Wanted by all' }), taken: 'name is already in use\nweb_login is already in use' },
  ],
  [
    'web_login and different names',
    {
      members: (number) => ({ name: `Login ${number}`, web_login: 'wanted-by-all' }),
      taken: 'web_login is already in use',
    },
  ],
  [
    'dns_alias in different case',
    {
      members: (number) => ({ name: `Alias ${number}`, dns_alias: inCaseOf(number) }),
      taken: 'dns_alias is already in use',
    },
  ],
];

describe.each(queueKinds)('Two hundred calls at once, with the queue in %s', (kind) => {
  const agent = new Agent({ keepAlive: true, maxSockets: callsAtOnce });
  let database: TestDatabase;
  let service: Service;

  beforeAll(async () => {
    database = await createTestDatabase();
    await database.db('trusted_hosts').insert({ ip: '127.0.0.1' });
    service = await startService({ ...serviceSettings(database.url), ...queueSettings(kind) });
  });

  afterAll(async () => {
    agent.destroy();
    expect(await service.stop()).toBe(0);
    await database.drop();
  });

  async function call(members: Members): Promise<Answer> {
    const sent = request(service.url, { agent, method: 'POST', headers: { 'Content-Type': 'text/xml' } });
    sent.end(encodeCall('createCustomer', [members]));
    const [response]: IncomingMessage[] = await once(sent, 'response');
    if (!response) throw new Error('no response');
    return decodeResponse((await buffer(response)).toString('utf8'));
  }

  async function statementsHeldUp(): Promise<number> {
    const { rows } = await database.db.raw(
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    return rows.length;
  }

  /** Makes the calls so that the first inserts have all begun, each in a statement of its own, before any gets on. */
  async function callAtOnce(calls: readonly Members[]): Promise<readonly Answer[]> {
    const holder = await database.db.transaction();
    await holder('customers').where({ i_customer: 1 }).forUpdate().select('i_customer');
    const answers = Promise.all(calls.map(call));
    await waitFor(async () => (await statementsHeldUp()) >= statementsAtOnce).finally(() => holder.rollback());
    return answers;
  }

  /** The one call that was answered with OK: its number and the id that it got. */
  function winnerOf(answers: readonly Answer[]) {
    const [winner, ...others] = answers.flatMap((answer, number) => ('fault' in answer ? [] : [number]));
    expect(others).toEqual([]);
    const answer = answers[winner ?? -1];
    if (winner === undefined || answer === undefined) throw new Error('No call was answered with OK');
    return { winner, i_customer: createdId(answer) };
  }

  /** What belongs to every customer but the root, in one row each; an orphan of any kind is a row of its own. */
  async function everythingStored() {
    const { rows } = await database.db.raw(
      `SELECT i_customer, name, balance::float, amount::float, params->>'name' AS audited
       FROM (SELECT * FROM customers WHERE i_customer <> 1) AS customers
       FULL JOIN balance_entries USING (i_customer)
       FULL JOIN audit_log USING (i_customer)
       FULL JOIN idempotency_keys USING (i_customer)
       ORDER BY i_customer`,
    );
    return rows;
  }

  test.each(races)('When they have the same %s, then one is OK and 199 are faults 409', async (_shared, race) => {
    const { members, taken } = race;
    const before = await everythingStored();
    const calls = Array.from({ length: callsAtOnce }, (_, number) => ({
      ...members(number),
      web_password: 'correct7horse',
      i_tariff: 1,
      i_wholesaler: 1,
      balance: number + 1,
    }));
    const answers = await callAtOnce(calls);
    const { winner, i_customer } = winnerOf(answers);
    const losers = answers.filter((answer) => 'fault' in answer).map(faultOf);
    expect(losers).toEqual(Array.from({ length: callsAtOnce - 1 }, () => ({ code: 409, text: taken })));
    const { name } = members(winner);
    const stored = { i_customer, name, balance: winner + 1, amount: winner + 1, audited: name };
    expect(await everythingStored()).toEqual([...before, stored]);
  });
});
