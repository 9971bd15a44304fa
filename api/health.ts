import type { ServerResponse } from 'node:http';

/** What must answer before calls can be served. */
export interface Dependencies {
  readonly database: () => Promise<unknown>;
  readonly queue: () => Promise<unknown>;
  readonly workerCount: () => Promise<number>;
}

const checkTimeoutMs = 2000;

function send(response: ServerResponse, status: number, body: object): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

async function answers(check: () => Promise<unknown>): Promise<boolean> {
  const timeout = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('no answer in time')), checkTimeoutMs).unref();
  });
  return Promise.race([check(), timeout]).then(
    (result) => result !== 0,
    () => false,
  );
}

/** Answers `GET /healthz`: the process is up. */
export function answerHealth(response: ServerResponse): void {
  send(response, 200, { status: 'ok' });
}

/** Answers `GET /readyz`: database, queue and at least one worker can be reached, or 503 with the names of those that cannot. */
export async function answerReadiness(response: ServerResponse, dependencies: Dependencies): Promise<void> {
  const checks = { database: dependencies.database, queue: dependencies.queue, worker: dependencies.workerCount };
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => ({ name, ready: await answers(check) })),
  );
  const missing = results.filter(({ ready }) => !ready).map(({ name }) => name);
  if (missing.length === 0) send(response, 200, { status: 'ready' });
  else send(response, 503, { status: 'not ready', missing });
}
