import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCustomers, type NewCustomerCall } from '../../db/customers.ts';
import { createProblemFinder } from '../../db/find-problems.ts';
import { fromJson } from '../../schemas/convert.ts';
import { createParameterCheck } from '../../schemas/validate.ts';
import { insertRows } from '../../worker/insert-rows.ts';
import { rowOf } from '../services/chunk-importer.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

/** A row as it is inserted, its name also its key. */
function callOf(name: string, more: Readonly<Record<string, unknown>> = {}): NewCustomerCall {
  const members = Object.entries(rowOf(name, more)).map(([member, value]) => [member, fromJson(value)] as const);
  const checked = createParameterCheck()(new Map(members));
  if (!checked.ok) throw new Error('the row is wrong');
  const { web_password: _, api_password: __, i_wholesaler: ___, ...plain } = checked.params;
  const caller = { mode: 'trusted', i_caller: null, address: 'import', requestId: name, deadline: null } as const;
  const creation = { i_wholesaler: 1, key: name, paramsHash: name, ...caller };
  return { customer: { members: plain, web_password_hash: 'none' }, creation };
}

test('When another worker creates a row while this one asks what is wrong, then it is created, and not in use', async () => {
  const { db } = database;
  const good = callOf('meanwhile');
  const calls = [good, callOf('wrong', { i_tariff: 99 })];
  const suspects = calls.map(({ customer }) => ({
    mode: 'trusted' as const,
    i_wholesaler: 1,
    params: customer.members,
  }));
  const results = await insertRows(db, calls, async () => {
    await createCustomers(db, [good]);
    return createProblemFinder(db).findAllOfMany(suspects);
  });
  expect(results).toMatchObject([{ replayed: true }, { forbidden: [{ text: 'Wrong i_tariff' }] }]);
});
