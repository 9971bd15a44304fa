import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDatabase } from '../../cli/prepare-database.ts';
import { connect } from '../../db/connect.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../embedded/postgres.ts';
import { readSettings } from '../../runtime/config.ts';
import { loadSecretKeys } from '../../runtime/secret-keys.ts';
import { rootPassword, secretKeys } from './constants.ts';
import { freePort } from './redis.ts';

/** A PostgreSQL server of its own, migrated and set up, that a test may stop and start again. */
export async function startOwnPostgres() {
  const dataDir = mkdtempSync(join(tmpdir(), 'createcustomer-outage-'));
  const port = await freePort();
  let postgres: EmbeddedPostgres | undefined;

  async function start(): Promise<EmbeddedPostgres> {
    postgres = await startEmbeddedPostgres({ dataDir, settings: { port: String(port) } });
    return postgres;
  }

  const url = (await start()).url('postgres').replace(/:\d+\//, `:${port}/`);
  const settings = readSettings({ DATABASE_URL: url, SECRET_KEYS: secretKeys, ROOT_API_PASSWORD: rootPassword });
  const db = connect({ url, applicationName: 'tests', maxConnections: 2 });
  const database = { db, url, embedded: false };
  await prepareDatabase({ settings, database, secretKeys: loadSecretKeys(settings), say: () => {} });
  await db.destroy();

  return {
    url,
    start,
    stop: async () => postgres?.stop(),
    async remove() {
      await postgres?.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
