import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cheapHashing } from '../services/constants.ts';
import { createTestDatabase } from '../services/database.ts';
import { askMonitor, monitorLogin, monitorSettings, monitorUrl, readMonitor } from '../services/monitor.ts';
import { queueKinds } from '../services/queues.ts';
import { freePort, startRedis } from '../services/redis.ts';
import { serviceSettings, startService } from '../services/service.ts';
import { openRelay } from '../services/tcp-relay.ts';
import { waitFor } from '../services/wait-for.ts';

describe('the monitor, when others are away', () => {
  test('goes on without the database, says so, and has it back as soon as it answers', async () => {
    const database = await createTestDatabase();
    const { hostname, port } = new URL(database.url);
    const relay = await openRelay({ host: hostname, port: Number(port) });
    const url = database.url.replace(`:${port}/`, `:${relay.port}/`);
    const monitor = await startService({ ...serviceSettings(url), ...monitorSettings }, ['--role', 'monitor']);
    await waitFor(async () => (await readMonitor(monitor, '/api/overview')).state.database !== undefined);

    relay.goSilent();
    await waitFor(async () => (await readMonitor(monitor, '/api/overview')).state.database === undefined);
    const overview = await readMonitor(monitor, '/api/overview');
    expect(overview.points).toBeUndefined();
    expect((await askMonitor(monitor, '/')).status).toBe(200);
    expect((await askMonitor(monitor, '/api/search?q=x')).status).toBe(503);

    relay.speak();
    await waitFor(async () => (await readMonitor(monitor, '/api/overview')).state.database !== undefined);
    expect((await askMonitor(monitor, '/api/search?q=x')).status).toBe(200);
    expect(await monitor.stop()).toBe(0);
    await relay.close();
    await database.drop();
  });

  test.runIf(queueKinds.includes('redis'))('starts without Redis, says so, and has it once it is there', async () => {
    const database = await createTestDatabase();
    const redis = await startRedis();
    await redis.kill();
    const settings = { ...serviceSettings(database.url), ...monitorSettings, REDIS_URL: redis.url };
    const monitor = await startService(settings, ['--role', 'monitor']);
    const state = async () => (await readMonitor(monitor, '/api/overview')).state;
    expect(await state()).toMatchObject({ database: { version: expect.any(String) } });
    expect((await state()).depths).toBeUndefined();
    expect((await askMonitor(monitor, '/queues/api/queues')).status).toBe(503);
    expect((await askMonitor(monitor, '/queues')).status).toBe(200);

    await redis.start();
    await waitFor(async () => (await state()).depths !== undefined);
    expect((await askMonitor(monitor, '/queues/api/queues')).status).toBe(200);
    await redis.kill();
    await waitFor(async () => (await state()).depths === undefined);
    expect((await askMonitor(monitor, '/')).status).toBe(200);
    expect(await monitor.stop()).toBe(0);
    await redis.stop();
    await database.drop();
  });
});

describe('the password of the monitor', () => {
  test('is made once and kept beside an embedded database', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'createcustomer-monitor-'));
    const settings = { PORT: '0', MONITOR_PORT: '0', ...cheapHashing };
    const service = await startService(settings, ['--role', 'monitor'], folder);
    const file = join(folder, '.data/monitor-password');
    const password = readFileSync(file, 'utf8').trim();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(service.output()).toContain(`(user admin, password ${password}, kept in `);
    expect((await askMonitor(service, '/', { login: { user: 'admin', password } })).status).toBe(200);
    expect(await service.stop()).toBe(0);
    rmSync(folder, { recursive: true });
  });

  test('is shown when it was made, and not when somebody chose it', async () => {
    const database = await createTestDatabase();
    const settings = serviceSettings(database.url);
    const made = await startService(settings, ['--role', 'monitor']);
    const [, password = ''] = /password (\S{20}), until it ends\)/.exec(made.output()) ?? [];
    expect((await askMonitor(made, '/', { login: { user: 'admin', password } })).status).toBe(200);
    expect(existsSync(join(made.folder, '.data'))).toBe(false);
    expect(await made.stop()).toBe(0);
    const chosen = await startService({ ...settings, ...monitorSettings, MONITOR_USER: 'ops' }, ['--role', 'monitor']);
    expect(chosen.output()).not.toContain(monitorLogin.password);
    expect((await askMonitor(chosen, '/', { login: { ...monitorLogin, user: 'ops' } })).status).toBe(200);
    expect(await chosen.stop()).toBe(0);
    await database.drop();
  });
});

describe('the metrics of a process without a monitor', () => {
  async function startBoth(more: Readonly<Record<string, string>>) {
    const database = await createTestDatabase();
    const settings = { ...serviceSettings(database.url), ...more };
    const service = await startService(settings, ['--role', 'api', '--role', 'worker']);
    return {
      service,
      async stop() {
        expect(await service.stop()).toBe(0);
        await database.drop();
      },
    };
  }

  test('are served at METRICS_PORT, and nothing else is', async () => {
    const port = await freePort();
    const { service, stop } = await startBoth({ METRICS_PORT: String(port) });
    expect(service.output()).toContain(`metrics http://127.0.0.1:${port}/metrics`);
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    const text = await answer.text();
    expect([answer.status, text]).toEqual([200, expect.stringContaining('createcustomer_calls_in_flight 0')]);
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds ');
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
    await stop();
  });

  test('are behind the login of the monitor where there is one, and not served unless asked for', async () => {
    const port = await freePort();
    const locked = await startBoth({ METRICS_PORT: String(port), ...monitorSettings });
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(401);
    await locked.stop();
    const none = await startBoth({});
    expect(() => monitorUrl(none.service)).toThrow('No monitor');
    expect(none.service.output()).not.toContain('metrics http');
    await none.stop();
  });
});
