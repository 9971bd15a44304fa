import { Agent, type IncomingMessage, request } from 'node:http';
import { answerChallenge } from '../cli/digest-client.ts';
import { rootPassword } from '../test/services/constants.ts';
import { serviceSettings, startService } from '../test/services/service.ts';
import { cpuTimeMs } from './cpu-time.ts';
import type { BenchGround } from './ground.ts';
import { alternate, median } from './statistics.ts';
import type { Row } from './table.ts';

const rounds = 9;
const callsInRound = 3000;
const connections = 16;
const microseconds = 1000;

const path = '/xmlapi/xmlapi';
const body = '<methodCall><methodName>system.getCapabilities</methodName></methodCall>';

type Headers = Readonly<Record<string, string>>;

function post(agent: Agent, url: string, headers: Headers): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { agent, method: 'POST', headers: { 'Content-Type': 'text/xml', ...headers } };
    const sent = request(url, options, (response) => {
      response.on('end', () => resolve(response));
      response.resume();
    });
    sent.on('error', reject);
    sent.end(headers['Content-Length'] === '0' ? '' : body);
  });
}

/** A client that takes one nonce and counts on, as good clients do. */
async function createLogin(agent: Agent, url: string): Promise<() => Headers> {
  const challenged = await post(agent, url, { 'Content-Length': '0' });
  const [md5 = ''] = (challenged.headers['www-authenticate'] ?? '').split(', Digest');
  let nc = 0;
  return () => {
    nc += 1;
    const login = { challenges: [md5], user: 'root', password: rootPassword, method: 'POST', uri: path, nc };
    return { Authorization: answerChallenge(login) ?? '' };
  };
}

async function compare(what: string, settings: Readonly<Record<string, string>>): Promise<readonly Row[]> {
  const service = await startService({ ...settings, LOG_LEVEL: 'warn' }, ['--role', 'api']);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const pid = service.process.pid ?? 0;

  async function cost(headers: () => Headers): Promise<number> {
    let left = callsInRound;
    async function client(): Promise<void> {
      while (left > 0) {
        left -= 1;
        const { statusCode } = await post(agent, service.url, headers());
        if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`);
      }
    }
    const before = cpuTimeMs(pid);
    await Promise.all(Array.from({ length: connections }, client));
    return ((cpuTimeMs(pid) - before) / callsInRound) * microseconds;
  }

  try {
    const login = await createLogin(agent, service.url);
    const run = { trusted: () => cost(() => ({})), digest: () => cost(login) };
    await alternate(2, run);
    const results = await alternate(rounds, run);
    const beyond = median(results.digest.map((value, round) => value - (results.trusted[round] ?? Number.NaN)));
    return [
      { what: `front, trusted, queue in ${what}`, value: median(results.trusted), unit: 'µs of CPU' },
      {
        what: `front, Digest beyond trusted, queue in ${what}`,
        value: beyond,
        unit: 'µs of CPU',
        promised: { atMost: 50 },
      },
    ];
  } finally {
    agent.destroy();
    await service.stop();
  }
}

/** What a verified Digest costs the front, beyond what a call from a trusted host costs it. */
export async function benchDigest({ databaseUrl, redisUrl }: BenchGround): Promise<readonly Row[]> {
  const settings = serviceSettings(databaseUrl);
  return [
    ...(await compare('Redis', { ...settings, REDIS_URL: redisUrl, QUEUE_PREFIX: '{bench}' })),
    ...(await compare('PostgreSQL', settings)),
  ];
}
