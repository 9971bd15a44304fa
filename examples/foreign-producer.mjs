// What a program does that has none of our code: it puts a chunk of customers into the queue of imports, over Redis, with
// nothing but BullMQ (npm install bullmq). The contract of the job is schemas/import-chunk-job.json.
//
//     REDIS_URL=redis://127.0.0.1:6379 node examples/foreign-producer.mjs [CUSTOMERS.ndjson]
//
// A row is created once, however often its job is added: its key is import_id and line, or `key` where it has one.
// Passwords are in clear here, for only the service can seal them; the worker seals them as soon as it takes the job.
import { readFileSync } from 'node:fs';
import { Queue, QueueEvents } from 'bullmq';

const sample = '{"name":"Foreign customer","web_password":"correct7horse","i_tariff":1}';
const [, , file] = process.argv;
const lines = (file === undefined ? sample : readFileSync(file, 'utf8')).split('\n');
const rows = lines.flatMap((text, index) =>
  text.trim() === '' ? [] : [{ line: index + 1, params: JSON.parse(text) }],
);
const chunk = {
  version: 1,
  import_id: process.env.IMPORT_ID ?? 'foreign',
  chunk: 1,
  producer: 'foreign-producer',
  rows,
};

const options = {
  connection: { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
  // The QUEUE_PREFIX of the service.
  prefix: process.env.QUEUE_PREFIX ?? '{createcustomer}',
};
const queue = new Queue('import-customers', options);
const events = new QueueEvents('import-customers', options);
try {
  await events.waitUntilReady();
  // Few jobs are kept: each holds a whole chunk. At most 1000 rows are one.
  const job = await queue.add('import-customers', chunk, {
    removeOnComplete: { count: 100 },
    removeOnFail: { count: 100 },
  });
  // Which rows failed, and why, is in the table import_failures; the customers are found by idempotency_keys.
  const { created, failed } = await job.waitUntilFinished(events);
  console.log(`OK ${created} created, ${failed} failed`);
} catch (error) {
  // The job does not follow the contract, and nothing of it was created.
  console.log(`refused: ${error.message.replaceAll('\n', '; ')}`);
  process.exitCode = 1;
} finally {
  await events.close();
  await queue.close();
}
