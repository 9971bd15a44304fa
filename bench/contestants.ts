import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { freePort, startRedis } from '../test/services/redis.ts';
import { startService } from '../test/services/service.ts';

/** Something that answers createCustomer at an address, in processes of its own. */
export interface Contestant {
  readonly url: string;
  /** Its processes. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

type Environment = Readonly<Record<string, string>>;

async function startScript(script: string, env: Environment): Promise<ChildProcess> {
  const args = script.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = spawn(process.execPath, [...args, resolve(import.meta.dirname, script)], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`${script} ended`)));
  ended.catch(() => {});
  await Promise.race([once(child.stdout, 'data'), ended]);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/**
 * Gives a contestant a Redis of its own, which never writes its append-only file anew: the textbook keeps its jobs, and writing
 * them anew would fall into the turn of whoever comes next.
 */
export async function withRedis(start: (redisUrl: string) => Promise<Contestant>): Promise<Contestant> {
  const redis = await startRedis(['--auto-aof-rewrite-percentage', '0']);
  try {
    const contestant = await start(redis.url);
    return {
      ...contestant,
      pids: [...contestant.pids, redis.pid()],
      async stop() {
        await contestant.stop();
        await redis.stop();
      },
    };
  } catch (error) {
    await redis.stop();
    throw error;
  }
}

/** What one would write from the READMEs of the packages: bench/textbook/. */
export async function startTextbook(databaseUrl: string, redisUrl: string): Promise<Contestant> {
  const port = await freePort();
  const env = { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, PORT: String(port) };
  const worker = await startScript('textbook/worker.mjs', env);
  const api = await startScript('textbook/api.mjs', env);
  return {
    url: `http://127.0.0.1:${port}/RPC2`,
    pids: [api.pid ?? 0, worker.pid ?? 0],
    async stop() {
      await end(api);
      await end(worker);
    },
  };
}

/** Our front and our transaction in one process, without a queue between them: bench/no-queue.ts. */
export async function startNoQueue(settings: Environment): Promise<Contestant> {
  const port = await freePort();
  const child = await startScript('no-queue.ts', { ...settings, PORT: String(port) });
  return { url: `http://127.0.0.1:${port}/xmlapi/xmlapi`, pids: [child.pid ?? 0], stop: () => end(child) };
}

/** The service as it is deployed: a front and a worker, each in a process of its own. */
export async function startOurs(settings: Environment): Promise<Contestant> {
  const worker = await startService(settings, ['--role', 'worker']);
  const api = await startService(settings, ['--role', 'api']);
  return {
    url: api.url,
    pids: [api.process.pid ?? 0, worker.process.pid ?? 0],
    async stop() {
      await api.stop();
      await worker.stop();
    },
  };
}
