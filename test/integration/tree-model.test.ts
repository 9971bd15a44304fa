import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { policies } from '../model/dictionaries.ts';
import { type Client, openClient } from '../model/open-client.ts';
import { createPlayer, type Player } from '../model/play.ts';
import { playAll } from '../model/play-all.ts';
import type { Verdict } from '../model/rules.ts';
import { type Customer, features, masks, root } from '../model/tree.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { type QueueKind, queueKinds, queueSettings } from '../services/queues.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';

/** Some 38 calls are drawn for each tree. */
const all = { trees: 300, calls: 10_000 };
const sample = { trees: 75, calls: 2000 };

/** The rules do not depend on the queue, so that one of them, the faster where there are both, gets all the calls. */
const amountOf = (kind: QueueKind) => (kind === queueKinds.at(-1) ? all : sample);

/** They keep both cores of a small machine busy, and are far fewer than the service takes at a time. */
const lanes = 24;
const timeoutMs = 240_000;

/** A share of the calls that each answer must have, or else the agreement would say little about it. */
const leastShare = 0.04;
const codes = ['OK', 400, 401, 403, 409, 410] as const;

/** So many calls must break one rule and no other: then the test fails when either side forgets that rule. */
const leastAlone = 3;

/** Every rule but the forms of members, which have tests of their own, and `api_access`, which is never alone. */
const rules = [
  ...['i_tariff', 'name', 'web_password', 'api_password', 'web_login', 'i_wholesaler'].map((rule) => `410 ${rule}`),
  ...['unknown member', 'login with API access'].map((rule) => `400 ${rule}`),
  ...['policy of web_password', 'policy of api_password'].map((rule) => `400 ${rule}`),
  ...[...masks, ...features, 'use_own_tariff', 'own tariff', 'api_mgmt', 'api_password'].map((rule) => `403 ${rule}`),
  ...['may not add customers', 'depth of the parent', 'depth of the child', 'scope'].map((rule) => `403 ${rule}`),
  ...['i_wholesaler', 'i_tariff', 'i_routing_group', 'i_commission_agent', 'i_time_zone'].map((rule) => `401 ${rule}`),
  ...['i_password_policy', 'i_lang', 'i_export_type', 'start_page', 'payment_currency'].map((rule) => `401 ${rule}`),
  ...['name', 'web_login', 'dns_alias'].map((rule) => `409 ${rule}`),
];

function expectFrequent(verdicts: readonly Verdict[], calls: number): void {
  expect(verdicts.length).toBeGreaterThanOrEqual(calls);
  const rare = codes
    .map((code) => ({ code, count: verdicts.filter((verdict) => verdict.code === code).length }))
    .filter(({ count }) => count < calls * leastShare);
  expect(rare).toEqual([]);
}

function expectEachRuleAlone(verdicts: readonly Verdict[]): void {
  const alone = verdicts.flatMap(({ problems: [first, second] }) =>
    first !== undefined && second === undefined ? [`${first.code} ${first.rule}`] : [],
  );
  const rare = rules.filter((rule) => alone.filter((each) => each === rule).length < leastAlone);
  expect(rare).toEqual([]);
}

describe.each(queueKinds)('Random trees and calls, with the queue in %s', (kind) => {
  const amount = amountOf(kind);
  let database: TestDatabase;
  let service: Service;
  let client: Client;

  beforeAll(async () => {
    database = await createTestDatabase();
    await database.db('trusted_hosts').insert({ ip: '127.0.0.1' });
    await database.db('password_policies').insert({ i_password_policy: 2, name: 'Length alone', ...policies[2] });
    service = await startService({ ...serviceSettings(database.url), ...queueSettings(kind) });
    client = await openClient(service.url, lanes);
  });

  afterAll(async () => {
    client.close();
    expect(await service.stop()).toBe(0);
    await database.drop();
  });

  async function expectStored({ expected }: Player): Promise<void> {
    const rows: readonly Customer[] = await database.db('customers').select(Object.keys(root));
    expect(rows.filter((row) => !isDeepStrictEqual(row, expected.get(row.i_customer)))).toEqual([]);
    expect(rows.length).toBe(expected.size);
  }

  test(
    'When calls of every kind are made, then a model of the rules and the service agree on each, and on what is stored',
    async () => {
      const player = createPlayer({ db: database.db, client });
      await playAll({ count: amount.trees, lanes }, player.play);
      expectFrequent(player.verdicts, amount.calls);
      if (amount === all) expectEachRuleAlone(player.verdicts);
      await expectStored(player);
    },
    timeoutMs,
  );
});
