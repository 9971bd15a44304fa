/** The worker of the textbook pipeline: one `knex.transaction` of three statements into the same tables as ours. */
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import knex from 'knex';
import { connection, databaseUrl, queueName } from './settings.mjs';

const db = knex({ client: 'pg', connection: databaseUrl, pool: { min: 0, max: 20 } });

function createCustomer({ web_password, api_password, i_wholesaler = 1, ...params }) {
  return db.transaction(async (trx) => {
    const row = { ...params, i_wholesaler, web_password_hash: web_password, api_ha1: api_password };
    const [{ i_customer }] = await trx('customers').insert(row).returning('i_customer');
    await trx('balance_entries').insert({ i_customer, amount: params.balance });
    const who = { mode: 'trusted', address: '127.0.0.1', request_id: `textbook-${i_customer}` };
    await trx('audit_log').insert({ i_customer, ...who, params: JSON.stringify(params) });
    return i_customer;
  });
}

const worker = new Worker(queueName, (job) => createCustomer(job.data), {
  connection: new Redis(connection.url, { maxRetriesPerRequest: null }),
  concurrency: 16,
});
await worker.waitUntilReady();
process.stdout.write('ready\n');
