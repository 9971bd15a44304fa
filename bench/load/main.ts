import { openConnection } from '../connection.ts';
import { createBodies, createHeads, type Login } from './request.ts';

/** What a run of the load generator is told, as JSON in its only argument. */
export interface LoadOptions {
  readonly url: string;
  readonly connections: number;
  readonly forMs: number;
  readonly prefix: string;
  readonly agent: number;
  /** With a login the parent is who logs in; without, the call names it. */
  readonly login?: Login;
}

/** What it prints, as JSON. */
export interface LoadResult {
  readonly created: readonly number[];
  readonly others: Readonly<Record<string, number>>;
  readonly ms: number;
  readonly latenciesMs: readonly number[];
}

const idInAnswer = /<name>i_customer<\/name><value><int>(\d+)</;

async function run({ url: address, connections, forMs, prefix, agent, login }: LoadOptions): Promise<LoadResult> {
  const url = new URL(address);
  const created: number[] = [];
  const others: Record<string, number> = {};
  const latenciesMs: number[] = [];
  const nextBody = createBodies(prefix, login ? { agent } : { agent, parent: 1 });

  async function openHeads(connection: Awaited<ReturnType<typeof openConnection>>) {
    if (!login) return createHeads(url, undefined);
    const { head } = await connection.send(createHeads(url, undefined)(0));
    const challenges = [...head.matchAll(/www-authenticate: (Digest .*)/gi)]
      .map(([, value]) => value ?? '')
      .slice(0, 1);
    return createHeads(url, { challenges, by: login });
  }

  async function client(end: number): Promise<void> {
    const connection = await openConnection(url);
    const nextHead = await openHeads(connection);
    while (performance.now() < end) {
      const body = nextBody();
      const started = performance.now();
      const reply = await connection.send(nextHead(Buffer.byteLength(body)) + body);
      latenciesMs.push(performance.now() - started);
      const id = idInAnswer.exec(reply.body)?.[1];
      if (id !== undefined) created.push(Number(id));
      else {
        const what = `${reply.status} ${reply.body
          .replaceAll(/<[^>]*>/g, ' ')
          .trim()
          .slice(0, 80)}`;
        others[what] = (others[what] ?? 0) + 1;
      }
    }
    connection.close();
  }

  const started = performance.now();
  await Promise.all(Array.from({ length: connections }, () => client(started + forMs)));
  return { created, others, ms: performance.now() - started, latenciesMs };
}

process.stdout.write(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '{}'))));
