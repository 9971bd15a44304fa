import { expect, it } from 'vitest';
import { connect, type Database } from '../../db/connect.ts';
import { chunkOf, createTestImporter, rowOf } from '../services/chunk-importer.ts';
import { createTestDatabase } from '../services/database.ts';
import { createTestWorker, fault, idOf, jobOf } from '../services/worker.ts';

/** Enough for a connection to settle on its plans. */
const callsBefore = 8;
const customersThen = 20_000;

const fill = `
  INSERT INTO customers (i_wholesaler, name, web_login, payment_currency, web_password_hash, i_tariff)
  SELECT 1, 'Bulk ' || n, 'bulk-' || n, 'USD', '$argon2id$', 1 FROM generate_series(1, ?) AS n`;

const fillKeys = `
  INSERT INTO idempotency_keys (i_wholesaler, key, i_customer, params_hash)
  SELECT 1, 'bulk-' || i_customer, i_customer, 'hash' FROM customers WHERE name LIKE 'Bulk %'`;

/** Rows that were read in passes over whole tables. */
async function rowsReadInPasses(db: Database): Promise<number> {
  await db.raw('SELECT pg_stat_force_next_flush()');
  const { rows } = await db.raw(
    "SELECT sum(seq_tup_read)::int AS read FROM pg_stat_user_tables WHERE relname IN ('customers', 'idempotency_keys')",
  );
  return rows[0].read;
}

it('A worker whose database was small when it began reads no whole table once there are many customers', async () => {
  const { url, drop } = await createTestDatabase();
  const db = connect({ url, applicationName: 'tests', maxConnections: 1 });
  try {
    const createCustomer = createTestWorker(db);
    const importChunk = createTestImporter(db);
    await db.raw('ANALYZE');
    for (let n = 0; n < callsBefore; n += 1) {
      idOf(await createCustomer(jobOf({})));
      await importChunk(chunkOf([rowOf(`Before ${n}`)]));
    }
    await db.raw(fill, [customersThen]);
    await db.raw(fillKeys);

    const before = await rowsReadInPasses(db);
    const named = jobOf({});
    const i_customer = idOf(await createCustomer(named));
    const again = await createCustomer({ ...named, deadline: Date.now() - 1 });
    const refused = await createCustomer(jobOf({ name: named.params.name }));

    const imported = await importChunk(chunkOf([rowOf('After 1'), rowOf('After 2'), rowOf('Bulk 7')]));

    expect(imported).toEqual({ created: 2, failed: 1 });
    expect(idOf(again)).toBe(i_customer);
    expect(refused).toEqual(fault(409, 'name is already in use'));
    expect((await rowsReadInPasses(db)) - before).toBeLessThan(customersThen);
  } finally {
    await db.destroy();
    await drop();
  }
});
