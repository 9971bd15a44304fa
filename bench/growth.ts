import { connect, unlimited } from '../db/connect.ts';
import { rootPassword } from '../test/services/constants.ts';
import { serviceSettings } from '../test/services/service.ts';
import { startOurs } from './contestants.ts';
import type { BenchGround } from './ground.ts';
import { openMeter } from './measure-calls.ts';
import { median } from './statistics.ts';
import type { Row } from './table.ts';

const sizes = { few: 10_000, many: 1_000_000 };
const rounds = 7;
const measureMs = 4000;
const connections = 64;
const login = { user: 'root', password: rootPassword };

/** Customers as calls leave them, with everything that belongs to them. */
const fill = `
  WITH made AS (
    INSERT INTO customers (i_wholesaler, name, i_tariff, web_login, payment_currency, web_password_hash, balance, dns_alias)
    SELECT 1, 'Grown ' || n, 1, 'grown-' || n, 'USD', repeat('h', 97), 1, 'grown' || n || '.example.org'
    FROM generate_series(CAST(? AS integer), CAST(? AS integer)) AS n
    RETURNING i_customer, name
  ), opening AS (
    INSERT INTO balance_entries (i_customer, amount) SELECT i_customer, 1 FROM made
  ), audit AS (
    INSERT INTO audit_log (i_customer, mode, address, request_id, params)
    SELECT i_customer, 'trusted', '127.0.0.1', name, '{}' FROM made
  )
  INSERT INTO idempotency_keys (i_wholesaler, key, i_customer, params_hash)
  SELECT 1, 'key-' || i_customer, i_customer, repeat('p', 43) FROM made`;

const chunk = 50_000;

async function grow({ databaseUrl: url }: BenchGround, from: number, to: number): Promise<void> {
  const db = connect({ url, applicationName: 'bench-growth', maxConnections: 1, timeouts: unlimited });
  for (let next = from; next < to; next += chunk) await db.raw(fill, [next + 1, Math.min(next + chunk, to)]);
  await db.raw('VACUUM ANALYZE');
  await db.destroy();
}

/** The rate with few customers in the tables, and with many. */
export async function benchGrowth(ground: BenchGround): Promise<readonly Row[]> {
  const meter = await openMeter(ground);
  const cheap = { ...serviceSettings(ground.databaseUrl), LOG_LEVEL: 'warn', REDIS_URL: ground.redisUrl };
  const contestant = await startOurs({ ...cheap, QUEUE_PREFIX: '{bench-growth}' });
  const manner = { contestant, connections, login };

  async function rates(): Promise<{ readonly rate: number; readonly cpuUs: number }> {
    const measured = [];
    for (let round = 0; round < rounds; round += 1) measured.push(await meter.measure(manner, measureMs));
    return { rate: median(measured.map((one) => one.perSecond)), cpuUs: median(measured.map((one) => one.cpuUs)) };
  }

  try {
    await grow(ground, 0, sizes.few);
    await rates();
    const few = await rates();
    await grow(ground, sizes.few, sizes.many);
    const many = await rates();
    await meter.requireAll();
    return [
      { what: `rate with ${sizes.few} customers`, value: few.rate, unit: '/s' },
      { what: `rate with ${sizes.many} customers`, value: many.rate, unit: '/s' },
      { what: 'rate with many ÷ with few', value: many.rate / few.rate, unit: '', promised: { atLeast: 0.9 } },
      { what: 'processor time of a call, with few', value: few.cpuUs, unit: 'µs' },
      { what: 'processor time of a call, with many', value: many.cpuUs, unit: 'µs' },
    ];
  } finally {
    await contestant.stop();
    meter.close();
  }
}
