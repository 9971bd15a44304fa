import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConfigurationError, loadSettings, readSettings } from '../../runtime/config.ts';
import { settingsSchema } from '../../runtime/settings.ts';

const key = Buffer.alloc(32, 1).toString('base64');

function problemsIn(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    readSettings(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    const [title, ...lines] = (error as Error).message.split('\n');
    expect(title).toBe('Settings that need a change:');
    return lines.map((line) => line.trim());
  }
  return [];
}

describe('Settings', () => {
  const defaults = {
    HOST: '127.0.0.1',
    PORT: 8080,
    DATA_DIR: '.data',
    DIGEST_REALM: 'xmlapi',
    TRUSTED_PROXIES: '',
    WAIT_TIMEOUT_MS: 30_000,
    MAX_BODY_BYTES: 1_048_576,
    ARGON2_MEMORY_KIB: 19_456,
    ARGON2_TIME_COST: 2,
    LOG_LEVEL: 'info',
  };

  it('have the documented defaults', () => {
    const settings = readSettings({});
    expect(settings).toMatchObject(defaults);
    expect(settings).not.toHaveProperty('DATABASE_URL');
    expect(settings).not.toHaveProperty('SECRET_KEYS');
  });

  it('that are empty count as unset', () => {
    const empty = Object.fromEntries(Object.keys(settingsSchema.properties).map((name) => [name, '']));
    expect(readSettings(empty)).toEqual(readSettings({}));
  });

  it('are numbers where the schema says so', () => {
    expect(readSettings({ PORT: '0', WORKER_CONCURRENCY: '3' })).toMatchObject({ PORT: 0, WORKER_CONCURRENCY: 3 });
  });

  it('hold nothing else of the environment', () => {
    const env = { PATH: '/bin', constructor: 'x', toString: 'x', PORT: '1' };
    expect(readSettings(env)).toEqual({ ...readSettings({}), PORT: 1 });
  });

  it.each<[string, string]>([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', 'http'],
    ['DATABASE_URL', 'mysql://db'],
    ['REDIS_URL', 'http://redis'],
    ['REDIS_URL', 'redis+sentinel://a:26379,b:26379'],
    ['REDIS_URL', 'redis+sentinel://a:26379,,b:26379/main'],
    ['REDIS_URL', 'redis+sentinel://a/main/first'],
    ['REDIS_URL', 'redis+sentinel://a/main?password=x'],
    ['REDIS_URL', 'redis+sentinel://user:%zz@a/main'],
    ['REDIS_URL', 'redis+cluster://'],
    ['REDIS_URL', 'redis+cluster://a:7000/1'],
    ['QUEUE_PREFIX', 'a b'],
    ['SECRET_KEYS', 'too short'],
    ['SECRET_KEYS', `${key},`],
    ['SECRET_KEYS', `${key} ${key}`],
    ['DIGEST_REALM', 'say "x"'],
    ['ROOT_API_PASSWORD', 'short'],
    ['WAIT_TIMEOUT_MS', '99'],
    ['WAIT_TIMEOUT_MS', '3600001'],
    ['MAX_BODY_BYTES', '1023'],
    ['MAX_IN_FLIGHT', '0'],
    ['WORKER_CONCURRENCY', '0'],
    ['ARGON2_MEMORY_KIB', '7'],
    ['ARGON2_TIME_COST', '0'],
    ['LOG_LEVEL', 'loud'],
  ])('refuse %s=%s by name', (name, value) => {
    const [problem, ...others] = problemsIn({ SECRET_KEYS: key, [name]: value });
    expect(problem).toMatch(new RegExp(`^${name} must (be|have|look) .+`));
    expect(others).toEqual([]);
  });

  it.each<[string, string]>([
    ['PORT', '65535'],
    ['DATABASE_URL', 'postgresql://u:p@db/name'],
    ['DATABASE_URL', 'postgres://db/name'],
    ['REDIS_URL', 'rediss://redis:6379'],
    ['REDIS_URL', '/run/redis.sock'],
    ['REDIS_URL', 'unix:///run/redis.sock'],
    ['REDIS_URL', 'redis+sentinel://user:p%40ss@a:26379,b,[::1]:26379/main/2?sentinel_user=u&sentinel_password=p'],
    ['REDIS_URL', 'rediss+cluster://:secret@a.example:7000,10.0.0.2:7001'],
    ['SECRET_KEYS', `${key}, ${Buffer.alloc(32, 255).toString('base64url')} `],
    ['WAIT_TIMEOUT_MS', '100'],
    ['LOG_LEVEL', 'silent'],
    ['TRUSTED_PROXIES', '10.0.0.0/8, 192.0.2.1, 2001:db8::/32, ::1, ::ffff:10.0.0.0/104, 0.0.0.0/0, ::/128'],
    ['TRUSTED_PROXIES', ' , '],
  ])('accept %s=%s', (name, value) => {
    expect(problemsIn({ SECRET_KEYS: key, [name]: value })).toEqual([]);
  });

  it.each([
    'proxy.example',
    '10.0.0.0/33',
    '2001:db8::/129',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0',
    '10.0.0.0/255.0.0.0',
    'fe80::1%eth0',
    '[::1]',
    '10.0.0.1:80',
    '/8',
  ])('name the trusted proxy %s, which is neither an address nor a range', (wrong) => {
    const says = `TRUSTED_PROXIES must hold addresses and CIDR ranges; "${wrong}" is neither`;
    expect(problemsIn({ TRUSTED_PROXIES: wrong })).toEqual([says]);
    expect(problemsIn({ TRUSTED_PROXIES: `10.0.0.1,${wrong},::1` })).toEqual([says]);
  });

  it('refuse DATABASE_DIRECT_URL alone, for it is the other way to DATABASE_URL', () => {
    const [problem, ...others] = problemsIn({ DATABASE_DIRECT_URL: 'postgresql://db/name' });
    expect(problem).toMatch(/^DATABASE_URL is needed, because DATABASE_DIRECT_URL is set: /);
    expect(others).toEqual([]);
  });

  it('name a host of several whose port is none', () => {
    const says = 'REDIS_URL holds "b:70000", which is no host with a port up to 65535';
    expect(problemsIn({ REDIS_URL: 'redis+sentinel://u:p@a:1,b:70000/main' })).toEqual([says]);
    expect(problemsIn({ REDIS_URL: 'redis+cluster://a:1,b:70000' })).toEqual([says]);
  });

  it('refuse a prefix that scatters the keys over a Cluster', () => {
    const cluster = { REDIS_URL: 'redis+cluster://a:7000' };
    const says = 'QUEUE_PREFIX must hold a part in braces, like {createcustomer}, because REDIS_URL names a Cluster';
    expect(problemsIn({ ...cluster, QUEUE_PREFIX: 'plain' })).toEqual([says]);
    expect(problemsIn({ ...cluster, QUEUE_PREFIX: '{}plain' })).toEqual([says]);
    expect(problemsIn({ ...cluster, QUEUE_PREFIX: 'a{b}c' })).toEqual([]);
    expect(problemsIn(cluster)).toEqual([]);
    expect(problemsIn({ REDIS_URL: 'redis://a', QUEUE_PREFIX: 'plain' })).toEqual([]);
  });

  it('are all checked before one is reported', () => {
    const problems = problemsIn({
      PORT: 'x',
      DATABASE_URL: 'x',
      LOG_LEVEL: 'x',
      TRUSTED_PROXIES: 'x,10.0.0.1,y',
      TLS_KEY_FILE: 'key.pem',
    });
    const names = problems.map((problem) => problem.split(' ')[0]);
    expect(names.toSorted()).toEqual([
      'DATABASE_URL',
      'LOG_LEVEL',
      'PORT',
      'SECRET_KEYS',
      'TLS_CERT_FILE',
      'TRUSTED_PROXIES',
      'TRUSTED_PROXIES',
    ]);
  });

  it.each([
    ['DATABASE_URL', 'SECRET_KEYS', 'postgresql://db/name'],
    ['TLS_CERT_FILE', 'TLS_KEY_FILE', 'file.pem'],
    ['TLS_KEY_FILE', 'TLS_CERT_FILE', 'file.pem'],
  ])('with %s need %s', (given, missing, value) => {
    const [problem, ...others] = problemsIn({ [given]: value });
    expect(problem).toMatch(`${missing} is needed, because ${given} is set: `);
    expect(others).toEqual([]);
  });

  it('tell what they were given, on one line', () => {
    expect(problemsIn({ PORT: '80\n80' })).toEqual(['PORT must be an integer from 0 to 65535, not "80\\n80"']);
  });

  it.each(['0.0.0.0', '::', '192.0.2.1', 'example.org'])(
    'ask for a password when the monitor listens on %s',
    (host) => {
      const need = (name: string) => `MONITOR_PASSWORD is needed, because ${name} is not the loopback address`;
      expect(problemsIn({ MONITOR_HOST: host })).toEqual([need('MONITOR_HOST')]);
      expect(problemsIn({ METRICS_HOST: host })).toEqual([need('METRICS_HOST')]);
      expect(readSettings({ MONITOR_HOST: host, MONITOR_PASSWORD: 'long enough' })).toMatchObject({
        MONITOR_HOST: host,
      });
    },
  );

  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('ask for no password on %s', (host) => {
    expect(readSettings({ MONITOR_HOST: host, METRICS_HOST: host })).toMatchObject({ MONITOR_HOST: host });
  });

  it.each(['DATABASE_URL', 'REDIS_URL', 'SECRET_KEYS', 'ROOT_API_PASSWORD', 'MONITOR_PASSWORD'])(
    'keep the value of %s out of the message, for it is a secret',
    (name) => {
      const secret = name.endsWith('PASSWORD') ? 'hunter2' : 'x://user:hunter2@host';
      const problems = problemsIn({ SECRET_KEYS: key, [name]: secret });
      expect(problems).toHaveLength(1);
      expect(problems.join()).not.toContain('hunter2');
    },
  );
});

describe('The settings of the process', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('come from the environment first, and then from the file .env', () => {
    const folder = mkdtempSync(join(tmpdir(), 'settings-'));
    const outside = process.cwd();
    const before = { ...process.env };
    try {
      writeFileSync(join(folder, '.env'), 'PORT=1\nWORKER_CONCURRENCY=2\n');
      process.chdir(folder);
      vi.stubEnv('PORT', '3');
      expect(loadSettings()).toMatchObject({ PORT: 3, WORKER_CONCURRENCY: 2 });
    } finally {
      process.chdir(outside);
      if (before.WORKER_CONCURRENCY === undefined) delete process.env.WORKER_CONCURRENCY;
      rmSync(folder, { recursive: true });
    }
  });
});
