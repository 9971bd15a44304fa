import { type Connection, openConnection } from '../connection.ts';
import { createRequests, type Login } from './request.ts';

/** What a run of the load generator is told, in a message. */
export interface LoadOptions {
  readonly url: string;
  readonly connections: number;
  /** How long answers count. */
  readonly forMs: number;
  readonly prefix: string;
  readonly agent: number;
  /** With a login the parent is who logs in; without, the call names it. */
  readonly login?: Login;
}

/** What it answers. */
export interface LoadResult {
  /** All customers, also those of before and after the time that counts. */
  readonly created: readonly number[];
  readonly others: Readonly<Record<string, number>>;
  /** Of the answers that came in the time that counts. */
  readonly latenciesMs: readonly number[];
}

/** Connections are new in each run: until their calls have filled the queue, and once they end, the rate is another one. */
const settleMs = 500;

const idInAnswer = /<name>i_customer<\/name><value><int>(\d+)</;

/** Asks to be challenged. */
async function askForChallenges(connection: Connection, url: URL): Promise<readonly string[]> {
  const { head } = await connection.send(
    `POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Length: 0\r\n\r\n`,
  );
  return [...head.matchAll(/www-authenticate: (Digest .*)/gi)].map(([, value]) => value ?? '');
}

async function run({ url: address, connections, forMs, prefix, agent, login }: LoadOptions): Promise<LoadResult> {
  const url = new URL(address);
  const created: number[] = [];
  const others: Record<string, number> = {};
  const latenciesMs: number[] = [];
  const counted = { from: performance.now() + settleMs, to: performance.now() + settleMs + forMs };
  let made = 0;

  function nextUnique(): string {
    made += 1;
    return `${prefix}${made}`;
  }

  async function openRequests(connection: Connection): Promise<() => Buffer> {
    if (!login) return createRequests(url, { agent, parent: 1, nextUnique });
    const challenges = await askForChallenges(connection, url);
    return createRequests(url, { agent, nextUnique }, { challenges, by: login });
  }

  async function client(): Promise<void> {
    const connection = await openConnection(url);
    const nextRequest = await openRequests(connection);
    while (performance.now() < counted.to) {
      const request = nextRequest();
      const started = performance.now();
      const reply = await connection.send(request);
      const answered = performance.now();
      if (answered >= counted.from && answered < counted.to) latenciesMs.push(answered - started);
      const id = idInAnswer.exec(reply.body)?.[1];
      if (id !== undefined) created.push(Number(id));
      else {
        const text = reply.body.replaceAll(/<[^>]*>/g, ' ').trim();
        const what = `${reply.status} ${text.slice(0, 80)}`;
        others[what] = (others[what] ?? 0) + 1;
      }
    }
    connection.close();
  }

  await Promise.all(Array.from({ length: connections }, client));
  return { created, others, latenciesMs };
}

process.on('message', async (options: LoadOptions) => {
  process.send?.(await run(options));
});
