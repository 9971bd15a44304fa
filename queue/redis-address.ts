/** A host and its port; an IPv6 address without brackets. */
interface Endpoint {
  readonly host: string;
  readonly port: number;
}

interface Login {
  readonly username?: string;
  readonly password?: string;
}

/** One server, as ioredis reads its URL or the path of its socket. */
export interface SingleAddress {
  readonly kind: 'single';
  readonly url: string;
}

/** The master of a group that Sentinels watch; they say where it is. */
export interface SentinelAddress {
  readonly kind: 'sentinel';
  readonly sentinels: readonly Endpoint[];
  readonly master: string;
  readonly db: number;
  readonly login: Login;
  readonly sentinelLogin: Login;
  readonly isTls: boolean;
}

/** A Redis Cluster; one node that answers is enough to find the others. */
export interface ClusterAddress {
  readonly kind: 'cluster';
  readonly nodes: readonly Endpoint[];
  readonly login: Login;
  readonly isTls: boolean;
}

export type RedisAddress = SingleAddress | SentinelAddress | ClusterAddress;

const sentinelPort = 26_379;
const redisPort = 6379;

/** Scheme, kind, user and password, hosts, path and query of an address with several hosts, which `URL` cannot read. */
const severalHosts = /^redis(s?)\+(sentinel|cluster):\/\/(?:([^@/]*)@)?([^@/?]+)(?:\/([^?]*))?(?:\?(.*))?$/;

function readEndpoint(text: string, defaultPort: number): Endpoint {
  const { hostname, port } = new URL(`redis://${text.trim()}`);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? defaultPort : Number(port) };
}

function readLogin(username: string, password: string): Login {
  return { ...(username === '' ? {} : { username }), ...(password === '' ? {} : { password }) };
}

function readUserInfo(userInfo: string): Login {
  const [username = '', ...password] = userInfo.split(':');
  return readLogin(decodeURIComponent(username), decodeURIComponent(password.join(':')));
}

/**
 * Reads REDIS_URL, whose form was checked with the settings:
 * `redis+sentinel://user:password@host:26379,host:26379/MASTER/DB?sentinel_user=…&sentinel_password=…`,
 * `redis+cluster://user:password@host:6379,host:6379`, each also with `rediss` for TLS, or the address of one server.
 */
export function readRedisAddress(url: string): RedisAddress {
  const match = severalHosts.exec(url);
  if (match === null) return { kind: 'single', url };
  const [, secure, kind, userInfo = '', hosts = '', path = '', query = ''] = match;
  const common = { login: readUserInfo(userInfo), isTls: secure === 's' };
  const endpoints = (defaultPort: number) => hosts.split(',').map((host) => readEndpoint(host, defaultPort));
  if (kind === 'cluster') return { kind, nodes: endpoints(redisPort), ...common };
  const [master = '', db = '0'] = path.split('/');
  const asked = new URLSearchParams(query);
  return {
    kind: 'sentinel',
    sentinels: endpoints(sentinelPort),
    master: decodeURIComponent(master),
    db: Number(db),
    sentinelLogin: readLogin(asked.get('sentinel_user') ?? '', asked.get('sentinel_password') ?? ''),
    ...common,
  };
}
