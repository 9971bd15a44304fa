// Creates customers in bulk from a program: exactly once, with back-pressure, and waiting while a server is away.
// Settings are those of the service, in the environment: DATABASE_URL, SECRET_KEYS, REDIS_URL.
//
//     node examples/enqueue-import.mjs [IMPORT_ID]
//
// Running it again with the same id creates nothing twice.
import { enqueueImport } from 'createcustomer/bulk-import';

/** Rows as they come from wherever they are: a cursor of another database, a stream, an array. */
async function* customers() {
  for (let number = 1; number <= 1000; number += 1) {
    yield {
      crm_id: `crm-${number}`,
      name: `Bulk ${number}`,
      web_password: 'correct7horse',
      i_tariff: 1,
      balance: 10.5,
    };
  }
  yield { crm_id: 'crm-1001', name: 'Bulk 1001', web_password: 'short', i_tariff: 1 };
}

const { created, failed } = await enqueueImport(customers(), {
  importId: process.argv[2] ?? 'example',
  keyName: 'crm_id',
  onFailed: ({ position, code, text }) => console.log(`${position}: fault ${code}: ${text.replaceAll('\n', '; ')}`),
  onNotice: (sentence) => console.error(sentence),
});
console.log(`OK ${created} created, ${failed} failed`);
