import { SealError, type Sealer } from '../runtime/seal.ts';
import type { Database } from './connect.ts';
import { sealContext } from './credentials.ts';
import { readPages } from './pages.ts';

/** A stored API password: the Digest hashes, sealed for the login. */
interface SealedPassword {
  readonly i_customer: number;
  readonly name: string;
  readonly web_login: string | null;
  readonly api_ha1: string;
}

/** What became of the API passwords of a batch. */
export interface Resealed {
  /** Sealed with the first key by now. */
  readonly resealed: number;
  readonly upToDate: number;
  /** Those that no key opens; they are left as they are. */
  readonly unopened: readonly Pick<SealedPassword, 'i_customer' | 'name' | 'web_login'>[];
}

interface Replacement {
  readonly i_customer: number;
  readonly from: string;
  readonly to: string;
}

const batchRows = 500;

function open(sealer: Sealer, { api_ha1, web_login }: SealedPassword): string | undefined {
  try {
    return sealer.open(api_ha1, sealContext(web_login ?? ''));
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}

/** Rows are locked in the order of their ids, so that two who do this at once do not lock each other out. */
const replaceUnchanged = `
  WITH given AS (
    SELECT * FROM unnest(CAST(:ids AS integer[]), CAST(:from AS text[]), CAST(:to AS text[])) AS given (id, old, new)
  ), locked AS (
    SELECT i_customer FROM customers WHERE i_customer = ANY (CAST(:ids AS integer[]))
    ORDER BY i_customer FOR NO KEY UPDATE
  )
  UPDATE customers SET api_ha1 = given.new FROM given, locked
  WHERE customers.i_customer = given.id AND locked.i_customer = given.id AND customers.api_ha1 = given.old
  RETURNING customers.i_customer`;

/** Replaces what is still as it was read. Gives the ids of the customers whose password another has changed meanwhile. */
async function replace(db: Database, all: readonly Replacement[]): Promise<readonly number[]> {
  if (all.length === 0) return [];
  const ids = all.map(({ i_customer }) => i_customer);
  const values = { ids, from: all.map(({ from }) => from), to: all.map(({ to }) => to) };
  const { rows } = await db.raw(replaceUnchanged, values);
  const done = new Set(rows.map((row: { i_customer: number }) => row.i_customer));
  return ids.filter((id) => !done.has(id));
}

function stored(db: Database) {
  return db('customers').whereNotNull('api_ha1').select('i_customer', 'name', 'web_login', 'api_ha1');
}

/** Re-seals a batch; what another changes meanwhile is read again, until nothing has changed. */
async function resealBatch(db: Database, sealer: Sealer, batch: readonly SealedPassword[]): Promise<Resealed> {
  const opened = batch.map((row) => ({ row, text: open(sealer, row) }));
  const old = opened.flatMap(({ row, text }) => {
    if (text === undefined || sealer.isCurrent(row.api_ha1)) return [];
    const to = sealer.seal(text, sealContext(row.web_login ?? ''));
    return [{ i_customer: row.i_customer, from: row.api_ha1, to }];
  });
  const unopened = opened.filter(({ text }) => text === undefined).map(({ row }) => row);
  const lost = await replace(db, old);
  const again =
    lost.length === 0 ? undefined : await resealBatch(db, sealer, await stored(db).whereIn('i_customer', lost));
  return {
    resealed: old.length - lost.length + (again?.resealed ?? 0),
    upToDate: batch.length - old.length - unopened.length + (again?.upToDate ?? 0),
    unopened: [...unopened, ...(again?.unopened ?? [])],
  };
}

/**
 * Seals every stored API password that another key than the first has sealed anew with the first, in batches, and says what
 * became of each batch. Calls may go on and passwords may change meanwhile: only what is still as it was read is replaced.
 * It can be interrupted and repeated.
 */
export async function* resealApiPasswords(db: Database, sealer: Sealer): AsyncGenerator<Resealed> {
  const batches = readPages<SealedPassword>(batchRows, (after) =>
    stored(db)
      .where('i_customer', '>', after?.i_customer ?? 0)
      .orderBy('i_customer')
      .limit(batchRows),
  );
  for await (const batch of batches) yield await resealBatch(db, sealer, batch);
}
