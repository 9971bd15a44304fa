/**
 * The pipeline that one would write from the READMEs of its packages, to be measured beside ours: the server of `xmlrpc`,
 * `queue.add`, `job.waitUntilFinished`. It validates with ajv against the same schema. No authentication, no hashing.
 */
import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import { Queue, QueueEvents } from 'bullmq';
import { Redis } from 'ioredis';
import xmlrpc from 'xmlrpc';
import { connection, queueName } from './settings.mjs';

const waitMs = 30_000;
const schema = JSON.parse(readFileSync(new URL('../../schemas/create-customer.json', import.meta.url), 'utf8'));
const isValid = new Ajv.default({ allErrors: true, useDefaults: true, strict: false }).compile(schema);

const queue = new Queue(queueName, { connection: new Redis(connection.url, { maxRetriesPerRequest: null }) });
const events = new QueueEvents(queueName, { connection: new Redis(connection.url, { maxRetriesPerRequest: null }) });
queue.setMaxListeners(0);
events.setMaxListeners(0);
await events.waitUntilReady();

const server = xmlrpc.createServer({ host: '127.0.0.1', port: Number(process.env.PORT), path: '/RPC2' }, () => {
  process.stdout.write('ready\n');
});

server.on('createCustomer', async (_error, [params], callback) => {
  if (!isValid(params)) return callback({ faultCode: 400, faultString: isValid.errors[0].message });
  try {
    const job = await queue.add('createCustomer', params);
    callback(null, { result: 'OK', i_customer: await job.waitUntilFinished(events, waitMs) });
  } catch (error) {
    callback({ faultCode: 500, faultString: error.message });
  }
});
