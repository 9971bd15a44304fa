import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCustomer, createdId, faultOf } from '../services/calls.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';

/** It takes PostgreSQL the second that it is given. */
const costlyRule = '((.*)(.*)(.*)){255}';
const many = 60;

let database: TestDatabase;
let service: Service;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.db('trusted_hosts').insert({ ip: '127.0.0.1' });
  service = await startService(serviceSettings(database.url));
});

afterAll(async () => {
  expect(await service.stop()).toBe(0);
  await database.drop();
});

test('When one client sends many malformed calls that are costly to explain, then others log in and create meanwhile', async () => {
  let answered = 0;
  const costly = Array.from({ length: many }, async () => {
    const members = { name: '', accounts_matching_rule: costlyRule, i_wholesaler: 1 };
    const answer = await createCustomer(service.url, members, { login: 'none' });
    answered += 1;
    return faultOf(answer);
  });
  const honest = await createCustomer(service.url, { name: 'Honest', web_password: 'correct7horse', i_tariff: 1 });
  createdId(honest);
  expect(answered).toBeLessThan(many);
  const faults = await Promise.all(costly);
  expect(faults.map(({ code }) => code)).toEqual(faults.map(() => 410));
  expect(faults.filter(({ text }) => text.includes('accounts_matching_rule: is too complex')).length).toBeGreaterThan(
    0,
  );
});
