import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createCustomer, createdId } from '../services/calls.ts';
import { cheapHashing, secretKeys } from '../services/constants.ts';
import { createEmptyDatabase, createTestDatabase } from '../services/database.ts';
import { freePort } from '../services/redis.ts';
import { runToEnd, type Service, serviceSettings, startService } from '../services/service.ts';

const call = { web_password: 'correct7horse', i_tariff: 1 };
const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'createcustomer-serve-'));
  folders.push(folder);
  return folder;
}

function madePassword(folder: string): string {
  return readFileSync(join(folder, '.data/root-api-password'), 'utf8').trim();
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('serve without any setting', () => {
  const settings = { PORT: '0', MONITOR_PORT: '0', ...cheapHashing };

  function nameOf(service: Service): string {
    return /createCustomer\(name="([^"]+)"/.exec(service.output())?.[1] ?? '';
  }

  test('starts an embedded PostgreSQL, creates the sample customer, and has it after a restart', async () => {
    const folder = newFolder();
    const first = await startService(settings, ['--demo'], folder);
    expect(await first.stop()).toBe(0);
    expect(first.output()).toMatch(/^API password of root: \S{20} \(kept in/m);
    expect(first.output()).toMatch(/answered\n {2}result {6}OK\n {2}i_customer {2}2\n/);

    const second = await startService(settings, ['--demo'], folder);
    const login = { user: 'root', password: madePassword(folder) };
    const again = await createCustomer(second.url, { ...call, name: nameOf(first) }, { login });
    expect(again).toMatchObject({ fault: { code: 409, text: expect.stringContaining('name is already in use') } });
    expect(await second.stop()).toBe(0);
    expect(second.output()).not.toContain('API password of root');
    expect(second.output()).toMatch(/i_customer {2}\d+\n/);
  });

  test('keeps what it made for itself where only its owner can read it', async () => {
    const folder = newFolder();
    const service = await startService(settings, [], folder);
    expect(await service.stop()).toBe(0);
    for (const file of ['secret-keys', 'root-api-password', 'postgres-password']) {
      expect(statSync(join(folder, '.data', file)).mode & 0o777, file).toBe(0o600);
    }
    expect(statSync(join(folder, '.data')).mode & 0o077).toBe(0);
  });

  test('works again after kill -9, and nothing that was answered OK is lost', async () => {
    const folder = newFolder();
    const first = await startService(settings, [], folder);
    const login = { user: 'root', password: madePassword(folder) };
    const i_customer = createdId(await createCustomer(first.url, { ...call, name: 'Survivor' }, { login }));
    first.process.kill('SIGKILL');
    await first.exited;

    const second = await startService(settings, [], folder);
    const retry = await createCustomer(second.url, { ...call, name: 'Survivor' }, { login });
    expect(retry).toMatchObject({ fault: { code: 409 } });
    expect(createdId(await createCustomer(second.url, { ...call, name: 'Next' }, { login }))).toBeGreaterThan(
      i_customer,
    );
    expect(await second.stop()).toBe(0);
    expect(existsSync(join(folder, '.data/postgres/postmaster.pid'))).toBe(false);
  });
});

describe('serve refuses to start, with a sentence that says what to change,', () => {
  test('on a database that is not migrated, and migrate is what helps', async () => {
    const database = await createEmptyDatabase();
    const refused = await runToEnd(['serve'], serviceSettings(database.url));
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('run "createcustomer migrate" first') });
    const migrated = await runToEnd(['migrate'], serviceSettings(database.url));
    expect(migrated).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^API password of root: \S+ \(shown only now\)$/m),
    });
    const service = await startService(serviceSettings(database.url));
    expect(await service.stop()).toBe(0);
    const again = await runToEnd(['migrate'], serviceSettings(database.url));
    expect(again).toEqual({ code: 0, output: 'The database was up to date.\n' });
    await database.drop();
  });

  test('when the port is taken', async () => {
    const database = await createTestDatabase();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    const refused = await runToEnd(['serve'], { ...serviceSettings(database.url), PORT: port });
    expect(refused).toEqual({
      code: 1,
      output: `Port ${port} on 127.0.0.1 is in use: end the other program, or set PORT.\n`,
    });
    other.close();
    await database.drop();
  });

  const nowhere = 'postgresql://user:pass-word-1@127.0.0.1';

  test('when PostgreSQL does not answer, has no such database, or refuses the password', async () => {
    const database = await createTestDatabase();
    const wrongPassword = database.url.replace(/:[^:@/]+@/, ':wrong-password-1@');
    const rows: readonly (readonly [url: string, says: string])[] = [
      [`${nowhere}:${await freePort()}/x`, 'PostgreSQL does not answer: start it, or correct DATABASE_URL.\n'],
      [`${database.url}x`, 'The database of DATABASE_URL does not exist: create it, or correct DATABASE_URL.\n'],
      [wrongPassword, 'PostgreSQL refuses user or password: correct DATABASE_URL.\n'],
    ];
    for (const [url, output] of rows)
      expect(await runToEnd(['serve'], serviceSettings(url))).toEqual({ code: 1, output });
    await database.drop();
  });

  test('when Redis does not answer', async () => {
    const database = await createTestDatabase();
    const settings = { ...serviceSettings(database.url), REDIS_URL: `redis://127.0.0.1:${await freePort()}` };
    const refused = await runToEnd(['serve'], settings);
    expect(refused).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^Redis does not answer .*correct REDIS_URL\.$/m),
    });
    await database.drop();
  });

  test('when the port of the monitor is taken', async () => {
    const database = await createTestDatabase();
    const port = String(await freePort());
    const other = createServer().listen(Number(port), '127.0.0.1');
    await once(other, 'listening');
    const refused = await runToEnd(['serve'], { ...serviceSettings(database.url), MONITOR_PORT: port });
    expect(refused).toEqual({
      code: 1,
      output: `Port ${port} on 127.0.0.1 is in use: end the other program, or set MONITOR_PORT.\n`,
    });
    other.close();
    await database.drop();
  });

  test('when settings are wrong: every one of them is named, and no password is shown', async () => {
    const wrong = { PORT: 'eighty', REDIS_URL: 'http://geheim-1@x', LOG_LEVEL: 'loud', SECRET_KEYS: secretKeys };
    const { code, output } = await runToEnd(['serve'], { ...wrong, DATABASE_URL: 'mysql://u:geheim-2@x' });
    expect(code).toBe(1);
    for (const name of ['PORT', 'REDIS_URL', 'LOG_LEVEL', 'DATABASE_URL']) expect(output).toContain(`  ${name} `);
    expect(output).not.toContain('geheim');
  });

  test('when SECRET_KEYS are not those that the database was set up with', async () => {
    const database = await createTestDatabase();
    const settings = { ...serviceSettings(database.url), SECRET_KEYS: Buffer.alloc(32, 'other').toString('base64') };
    for (const command of ['serve', 'migrate']) {
      const refused = await runToEnd([command], settings);
      expect(refused).toMatchObject({
        code: 1,
        output: expect.stringMatching(/^SECRET_KEYS .* do not open what this/),
      });
    }
    await database.drop();
  });

  test('when DATA_DIR is no folder', async () => {
    const refused = await runToEnd(['serve'], { DATA_DIR: '/dev/null' });
    expect(refused).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^[^\n]*\/dev\/null[^\n]*DATA_DIR[^\n]*\n$/),
    });
  });

  test('when a URL cannot be read, without showing the password in it', async () => {
    const url = 'postgresql://user:geheim#3@127.0.0.1/x';
    const { code, output } = await runToEnd(['serve'], { DATABASE_URL: url, SECRET_KEYS: secretKeys });
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining('write # as %23') });
    expect(output).not.toContain('geheim');
  });

  test('when there is a DATABASE_URL but no SECRET_KEYS', async () => {
    const { code, output } = await runToEnd(['serve'], { DATABASE_URL: `${nowhere}/x` });
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringMatching(/^ {2}SECRET_KEYS is needed/m) });
  });
});
