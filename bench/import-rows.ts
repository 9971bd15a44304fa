import { createHash } from 'node:crypto';
import type { Database } from '../db/connect.ts';

/** A customer of a migration, as its columns stand in the file: a dozen members and a hash from elsewhere. */
const columns = {
  name: 'text',
  web_login: 'text',
  web_password_hash: 'text',
  i_tariff: 'integer',
  balance: 'numeric',
  company_name: 'text',
  first_name: 'text',
  last_name: 'text',
  email: 'text',
  phone: 'text',
  city: 'text',
  postal_code: 'text',
  country: 'text',
  description: 'text',
} as const;

type Column = keyof typeof columns;

export type ImportedRow = Readonly<Record<Column, string>>;

const names = Object.keys(columns) as Column[];

const someHash = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b5dWRWJTmaaJObGRdescudvJCs';

/** One row of many, whose name no other has. */
export function makeRow(stem: string, n: number): ImportedRow {
  return {
    name: `${stem} ${n}`,
    web_login: `${stem}-${n}`,
    web_password_hash: someHash,
    i_tariff: '1',
    balance: n % 2 === 0 ? '12.5' : '0',
    company_name: `Company ${n} Limited`,
    first_name: 'Maria',
    last_name: `Kowalska ${n}`,
    email: `maria.${n}@example.com`,
    phone: '+48 22 123 45 67',
    city: 'Warszawa',
    postal_code: '00-001',
    country: 'Poland',
    description: 'Moved from the old billing system',
  };
}

/** The lines of a CSV file of these rows, with a password in clear instead of the hash if one is given. */
export function* toCsv(rows: Iterable<ImportedRow>, given?: { readonly password: string }): Generator<string> {
  const [secret, others] = ['web_password_hash', names.filter((name) => name !== 'web_password_hash')] as const;
  yield `${[given ? 'web_password' : secret, ...others].join(',')}\n`;
  for (const row of rows) {
    yield `${[given?.password ?? row[secret], ...others.map((name) => row[name])].map((cell) => `"${cell}"`).join(',')}\n`;
  }
}

/** What a service stores of each customer, in the same tables, by `unnest`: no checks, no keys to look up. */
const insertDirectly = `
  WITH given AS (
    SELECT * FROM unnest(${names.map((name) => `CAST(? AS ${columns[name]}[])`).join(', ')}, CAST(? AS text[]), CAST(? AS text[]), CAST(? AS jsonb[]))
      AS row (${names.join(', ')}, key, params_hash, params)
  ), inserted AS (
    INSERT INTO customers (i_wholesaler, payment_currency, ${names.join(', ')})
    SELECT 1, 'USD', ${names.join(', ')} FROM given
    RETURNING i_customer, name, balance
  ), created AS (
    SELECT given.*, inserted.i_customer FROM inserted JOIN given USING (name)
  ), opening AS (
    INSERT INTO balance_entries (i_customer, amount) SELECT i_customer, balance FROM created WHERE balance <> 0
  ), audit AS (
    INSERT INTO audit_log (i_customer, mode, address, request_id, params)
    SELECT i_customer, 'trusted', 'bench', key, params FROM created
  )
  INSERT INTO idempotency_keys (i_wholesaler, key, i_customer, params_hash)
  SELECT 1, key, i_customer, params_hash FROM created`;

/** Inserts rows without any of the checks of the service. */
export async function insertRowsDirectly(db: Database, rows: readonly ImportedRow[]): Promise<void> {
  const keys = rows.map(({ name }) => `direct:${name.replaceAll(' ', '-')}`);
  const hashes = rows.map(({ name }) => createHash('sha256').update(name).digest('base64url'));
  const params = rows.map(({ web_password_hash: _, ...row }) =>
    JSON.stringify({ ...row, i_tariff: 1, balance: Number(row.balance) }),
  );
  await db.raw(insertDirectly, [...names.map((name) => rows.map((row) => row[name])), keys, hashes, params]);
}
