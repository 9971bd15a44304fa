import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCustomer, createdId } from '../services/calls.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { queueKinds, queueSettings } from '../services/queues.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';
import { waitFor } from '../services/wait-for.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';
const secrets = { web_password: 'Clear-Web-Secret-1', api_password: 'Clear-Api-Secret-2' };

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

/** A collector of OpenTelemetry that keeps what it is sent. */
async function openCollector() {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    bodies.push(Buffer.concat(chunks).toString('utf8'));
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const resources = () => bodies.flatMap((body) => JSON.parse(body).resourceSpans);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    text: () => bodies.join('\n'),
    spans: (): readonly Span[] =>
      resources().flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }: { spans: Span[] }) => spans)),
    serviceNames: () =>
      resources().map(({ resource }) => resource.attributes.find(({ key }: { key: string }) => key === 'service.name')),
    close: () => server.close(),
  };
}

describe.each(queueKinds)('traces, with the queue in %s', (kind) => {
  let database: TestDatabase;
  let collector: Awaited<ReturnType<typeof openCollector>>;
  let services: readonly Service[];

  beforeAll(async () => {
    database = await createTestDatabase();
    collector = await openCollector();
    const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '100' };
    const settings = { ...serviceSettings(database.url), ...queueSettings(kind), ...traced };
    services = await Promise.all(
      ['api', 'worker'].map((role) => startService({ ...settings, OTEL_SERVICE_NAME: role }, ['--role', role])),
    );
  });

  afterAll(async () => {
    for (const service of services) expect(await service.stop()).toBe(0);
    collector.close();
    await database.drop();
  });

  test('are one, from the request through the job to the SQL, below the trace of the client', async () => {
    const args = ['--header', `traceparent: 00-${traceId}-${parentId}-01`];
    createdId(await createCustomer(services[0]?.url ?? '', { ...secrets, name: 'Traced', i_tariff: 1 }, { args }));
    const spans = () => collector.spans().filter((span) => span.traceId === traceId);
    const find = (name: string) => spans().find((span) => span.name === name);
    await waitFor(() => find('insert-customer') !== undefined && find('send create-customer') !== undefined);
    await waitFor(() => find('process create-customer') !== undefined);
    const calls = spans().filter((span) => span.name === 'XML-RPC call');
    const sent = find('send create-customer');
    const processed = find('process create-customer');
    await waitFor(() => spans().some((span) => span.spanId === sent?.parentSpanId));
    expect(calls.map((span) => span.parentSpanId)).toContain(parentId);
    expect(processed?.parentSpanId).toBe(sent?.spanId);
    expect([find('hash password'), find('insert-customer')].map((span) => span?.parentSpanId)).toEqual([
      processed?.spanId,
      processed?.spanId,
    ]);
    const names = collector.serviceNames().map(({ value }) => value.stringValue);
    expect([...new Set(names)].sort()).toEqual(['api', 'worker']);
    expect(collector.text()).not.toMatch(/Clear-(Web|Api)-Secret|Traced/);
  });
});

describe('traces that nobody asked for', () => {
  test('are neither sent nor put into jobs, and a collector that is away harms no call', async () => {
    const database = await createTestDatabase();
    const away = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_BSP_SCHEDULE_DELAY: '50' };
    const service = await startService({ ...serviceSettings(database.url), ...away });
    createdId(await createCustomer(service.url, { ...secrets, name: 'Away', i_tariff: 1 }));
    expect(await service.stop()).toBe(0);
    const silent = await startService({ ...serviceSettings(database.url), ...away, OTEL_SDK_DISABLED: 'true' });
    createdId(await createCustomer(silent.url, { ...secrets, name: 'Silent', i_tariff: 1 }));
    const data = await database.db.withSchema('bullmq').from('job').pluck('data');
    expect(JSON.stringify(data.at(-1))).not.toContain('traceparent');
    expect(await silent.stop()).toBe(0);
    await database.drop();
  });
});
