import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareWithDatabase, startCallers } from '../services/callers.ts';
import { createCustomer, post } from '../services/calls.ts';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../services/database.ts';
import { startPgbouncer } from '../services/pgbouncer.ts';
import { queueKinds, queueSettings } from '../services/queues.ts';
import { runToEnd, serviceSettings, startService } from '../services/service.ts';
import { isInstalled } from '../services/tools.ts';
import { waitFor } from '../services/wait-for.ts';

const callers = 8;
const calls = 100;

describe.runIf(isInstalled('pgbouncer'))('Behind PgBouncer in transaction mode', () => {
  let database: TestDatabase;
  /** Its role has no time limits. */
  let emptyDatabase: TestDatabase;
  let bouncer: Awaited<ReturnType<typeof startPgbouncer>>;
  let settings: Record<string, string>;

  beforeAll(async () => {
    database = await createTestDatabase();
    emptyDatabase = await createEmptyDatabase();
    bouncer = await startPgbouncer(database.url);
    settings = { ...serviceSettings(bouncer.url), DATABASE_DIRECT_URL: database.url, LOG_LEVEL: 'warn' };
  });

  afterAll(async () => {
    await bouncer.stop();
    await emptyDatabase.drop();
    await database.drop();
  });

  /** Runs the SQL that a message asks for; for this database alone, because other tests use the same role. */
  async function follow(output: string): Promise<void> {
    const statements = output.match(/ALTER ROLE "postgres" SET \w+ = \d+;/g) ?? [];
    const [{ name }] = (await database.db.raw('SELECT current_database() AS name')).rows;
    for (const sql of statements) await database.db.raw(sql.replace('SET', `IN DATABASE "${name}" SET`));
  }

  test('When the role has no time limits, then the service says which SQL gives them, and does not start', async () => {
    const { code, output } = await runToEnd(['serve'], settings);
    expect(code).toBe(1);
    for (const name of [
      'statement_timeout = 5000',
      'lock_timeout = 4000',
      'idle_in_transaction_session_timeout = 5000',
    ]) {
      expect(output).toContain(`ALTER ROLE "postgres" SET ${name};`);
    }
    await follow(output);
    await bouncer.stop();
    bouncer = await startPgbouncer(database.url);
    settings = { ...settings, DATABASE_URL: bouncer.url };
  });

  test.each(queueKinds)(
    'When many call at once, with the queue in %s, then every call is answered OK',
    async (kind) => {
      const service = await startService({ ...settings, ...queueSettings(kind) });
      const load = startCallers({ urls: [service.url], count: callers });
      await waitFor(() => load.count() >= calls);
      await load.end();
      const dry = await createCustomer(`${service.url}?dry_run=1`, {
        name: 'Dry',
        web_password: 'correct7horse',
        i_tariff: 1,
      });
      const found = await post(service.url, '<methodCall><methodName>system.listMethods</methodName></methodCall>');
      expect(await service.stop()).toBe(0);
      expect(service.output()).not.toMatch(/prepared statement|"level":(40|50)/);
      expect(load.setbacks).toEqual([]);
      expect(dry).toHaveProperty('value');
      expect(found.status).toBe(200);
      expect((await compareWithDatabase(database.db, load.answered)).lost).toEqual([]);
    },
  );

  test('When migrate and admin run, then they go past it', async () => {
    const migrated = await runToEnd(['migrate'], settings);
    expect(migrated).toEqual({ code: 0, output: expect.stringContaining('The database was up to date.') });
    const listed = await runToEnd(['admin', 'tariff', 'list'], settings);
    expect(listed).toMatchObject({ code: 0, output: expect.stringContaining('Default') });
  });

  test('When DATABASE_DIRECT_URL is not set, then the service says so and does not start', async () => {
    const { DATABASE_DIRECT_URL: _, ...without } = settings;
    expect(await runToEnd(['serve'], without)).toEqual({
      code: 1,
      output: 'DATABASE_URL goes through PgBouncer: set DATABASE_DIRECT_URL to the server itself, too.\n',
    });
  });

  test('When PgBouncer drops what it is sent instead, the time limits with it, then the service says so and does not start', async () => {
    const { DATABASE_DIRECT_URL: _, ...without } = settings;
    const limits = 'statement_timeout,lock_timeout,idle_in_transaction_session_timeout,options';
    const lax = await startPgbouncer(emptyDatabase.url, `ignore_startup_parameters = ${limits}`);
    const run = await runToEnd(['serve'], { ...without, DATABASE_URL: lax.url });
    await lax.stop();
    expect(run).toEqual({
      code: 1,
      output: expect.stringMatching(/^What stands before PostgreSQL drops the time limits/),
    });
  });
});
