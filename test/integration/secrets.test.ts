import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCustomer, createdId, faultOf } from '../services/calls.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { queueKinds } from '../services/queues.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';

const webPassword = 'Geheim-Web-4711';
const apiPassword = 'Geheim-Api-4712';
const secrets = [webPassword, apiPassword];

const call = { i_tariff: 1, web_password: webPassword, api_password: apiPassword, api_access: 1, web_login: 'keeper' };

/** Every row of every table, the queue's included, as text. */
async function everythingInDatabase({ db }: TestDatabase): Promise<string> {
  const tables = await db('information_schema.tables')
    .whereIn('table_schema', ['public', 'bullmq'])
    .where({ table_type: 'BASE TABLE' })
    .select('table_schema', 'table_name');
  const texts: string[] = [];
  for (const { table_schema, table_name } of tables) {
    const { rows } = await db.raw('SELECT CAST(t AS text) AS text FROM ??.?? t', [table_schema, table_name]);
    texts.push(`${table_schema}.${table_name}`, ...rows.map((row: { text: string }) => row.text));
  }
  return texts.join('\n');
}

/** Every file that Redis has written: its append-only log holds each command as it was sent. */
function everythingInRedis(redis: RedisServer): string {
  const files = readdirSync(redis.folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return files.map((file) => readFileSync(join(file.parentPath, file.name), 'latin1')).join('\n');
}

describe.each(queueKinds)('Secrets, with the queue in %s', (kind) => {
  let database: TestDatabase;
  let redis: RedisServer | undefined;
  let service: Service;
  const faults: string[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    redis = kind === 'redis' ? await startRedis() : undefined;
    const queue = redis ? { REDIS_URL: redis.url } : {};
    service = await startService({ ...serviceSettings(database.url), ...queue, LOG_LEVEL: 'trace' });
    createdId(await createCustomer(service.url, { ...call, name: 'Keeps secrets' }));
    const wrong = [
      { ...call, name: 'Keeps secrets' },
      { ...call, name: 'Other', i_tariff: 99 },
      {
        ...call,
        name: 'Other',
        web_password: `${webPassword}\u0085`,
        unknown: webPassword,
        [apiPassword.slice(0, 4)]: apiPassword,
      },
      { ...call, name: webPassword.toLowerCase(), i_time_zone: apiPassword },
    ];
    for (const members of wrong) faults.push(faultOf(await createCustomer(service.url, members)).text);
  });

  afterAll(async () => {
    expect(await service.stop()).toBe(0);
    await redis?.stop();
    await database.drop();
  });

  test('are found nowhere in the database, the queue and the audit included', async () => {
    const everything = await everythingInDatabase(database);
    expect(everything).toContain('Keeps secrets');
    for (const secret of secrets) expect(everything).not.toContain(secret);
  });

  test('are found nowhere in what Redis has written', () => {
    if (!redis) return expect(kind).toBe('postgres');
    const everything = everythingInRedis(redis);
    expect(everything).toContain('Keeps secrets');
    for (const secret of secrets) expect(everything).not.toContain(secret);
  });

  test('are found nowhere in the log, even when everything is logged', () => {
    expect(service.output()).toContain('"msg":"call"');
    for (const secret of secrets) expect(service.output()).not.toContain(secret);
  });

  test('are found in no fault', () => {
    expect(faults.join('\n')).toMatch(/already in use/);
    for (const secret of secrets) expect(faults.join('\n')).not.toContain(secret);
  });
});
