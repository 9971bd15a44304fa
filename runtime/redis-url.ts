/** Forms of REDIS_URL that name several hosts, as regular expressions in JSON Schema are written. */
const userInfo = '(([^@/%\\s]|%[0-9A-Fa-f]{2})*@)?';
const host = '(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+)(:\\d{1,5})?';
const hosts = `${userInfo}${host}(,${host})*`;
const sentinelQuery = '(\\?(sentinel_user|sentinel_password)=[^&\\s]*(&sentinel_password=[^&\\s]*)?)?';

/** What REDIS_URL may look like: one server, the path of a socket, Sentinels with the name of their master, a Cluster. */
export const redisUrlPattern = [
  'rediss?://.*',
  'unix://.*',
  '/.*',
  `rediss?\\+sentinel://${hosts}/[A-Za-z0-9._-]+(/\\d{1,5})?${sentinelQuery}`,
  `rediss?\\+cluster://${hosts}/?`,
]
  .map((form) => `^${form}$`)
  .join('|');

/** The part of a prefix that decides which node of a Cluster has a key. */
const hashTag = /\{[^}]+\}/;

/**
 * What JSON Schema cannot say of REDIS_URL and QUEUE_PREFIX: a sentence for each port that is none, and for a prefix
 * that would scatter the keys of one queue over the nodes of a Cluster. An empty prefix stands for the default.
 */
export function wrongRedis(settings: {
  readonly REDIS_URL?: string | undefined;
  readonly QUEUE_PREFIX?: string | undefined;
}): readonly string[] {
  const { REDIS_URL: url = '', QUEUE_PREFIX: prefix = '' } = settings;
  const [, kind, list = ''] = /^rediss?\+(sentinel|cluster):\/\/(?:[^@/]*@)?([^/?]*)/.exec(url) ?? [];
  const wrongHosts = list.split(',').filter((each) => each !== '' && !URL.canParse(`redis://${each}`));
  const scatters = kind === 'cluster' && prefix !== '' && !hashTag.test(prefix);
  return [
    ...wrongHosts.map((each) => `REDIS_URL holds ${JSON.stringify(each)}, which is no host with a port up to 65535`),
    ...(scatters
      ? [`QUEUE_PREFIX must hold a part in braces, like {createcustomer}, because REDIS_URL names a Cluster`]
      : []),
  ];
}
