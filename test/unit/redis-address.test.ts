import { expect, test } from 'vitest';
import { readRedisAddress } from '../../queue/redis-address.ts';

test.each(['redis://host:6379/1', 'rediss://user:pass@host', 'unix:///run/redis.sock', '/run/redis+cluster://x'])(
  'When REDIS_URL names one server (%s), then it is left to ioredis',
  (url) => {
    expect(readRedisAddress(url)).toEqual({ kind: 'single', url });
  },
);

test('When REDIS_URL names Sentinels, then their addresses, the master, the database and both logins are read', () => {
  const hosts = 'a.example:1,b,[2001:db8::1]:3';
  const url = `rediss+sentinel://us%3Aer:p%40s:s@${hosts}/main/2?sentinel_user=watch&sentinel_password=s%26t`;
  expect(readRedisAddress(url)).toEqual({
    kind: 'sentinel',
    sentinels: [
      { host: 'a.example', port: 1 },
      { host: 'b', port: 26_379 },
      { host: '2001:db8::1', port: 3 },
    ],
    master: 'main',
    db: 2,
    login: { username: 'us:er', password: 'p@s:s' },
    sentinelLogin: { username: 'watch', password: 's&t' },
    isTls: true,
  });
});

test('When REDIS_URL names Sentinels and nothing more, then there is no login, and the database is 0', () => {
  expect(readRedisAddress('redis+sentinel://a/main')).toEqual({
    kind: 'sentinel',
    sentinels: [{ host: 'a', port: 26_379 }],
    master: 'main',
    db: 0,
    login: {},
    sentinelLogin: {},
    isTls: false,
  });
});

test('When REDIS_URL names a Cluster, then its nodes and the login are read', () => {
  expect(readRedisAddress('redis+cluster://:secret@10.0.0.1:7000,10.0.0.2/')).toEqual({
    kind: 'cluster',
    nodes: [
      { host: '10.0.0.1', port: 7000 },
      { host: '10.0.0.2', port: 6379 },
    ],
    login: { password: 'secret' },
    isTls: false,
  });
});
