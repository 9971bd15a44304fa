import type { Database } from './connect.ts';

/** A trusted address or range. */
export interface TrustedHostRow {
  /** A range with the length of its mask, a single address without. */
  readonly ip: string;
  readonly description: string;
  readonly created_at: Date;
}

/** What an address with a mask stands for, as PostgreSQL reads it. */
export interface Network {
  /** The address alone. */
  readonly address: string;
  /** The range that the mask leaves of it, written as in lists. */
  readonly range: string;
  /** Whether bits are set right of the mask, so that it is no range but an address in one. */
  readonly hasHostBits: boolean;
  readonly maskBits: number;
}

const shown = 'CASE WHEN ip = host(ip)::inet THEN host(ip) ELSE text(ip) END';

/** Every trusted address and range, in the order of the addresses. */
export async function listTrustedHosts(db: Database): Promise<readonly TrustedHostRow[]> {
  return db('trusted_hosts')
    .orderBy('ip')
    .select(db.raw(`${shown} AS ip`), 'description', 'created_at');
}

/**
 * Reads an IP address with or without a mask.
 * @throws the driver's error when the text is neither
 */
export async function readNetwork(db: Database, text: string): Promise<Network> {
  const { rows } = await db.raw(
    `SELECT host(given) AS address, ${shown} AS range, ip <> given AS "hasHostBits", masklen(given) AS "maskBits"
     FROM (SELECT given, CAST(network(given) AS inet) AS ip FROM CAST(? AS inet) AS given) AS both_forms`,
    [text],
  );
  return rows[0];
}

/**
 * Trusts an address or a range. The service sees it within seconds.
 * @throws the driver's unique violation when it is trusted already
 */
export async function addTrustedHost(db: Database, row: Pick<TrustedHostRow, 'ip' | 'description'>): Promise<void> {
  await db('trusted_hosts').insert(row);
}

/** Trusts an address or a range no more; false when it is not listed in this form. The service sees it within seconds. */
export async function removeTrustedHost(db: Database, ip: string): Promise<boolean> {
  return (await db('trusted_hosts').where({ ip }).delete()) > 0;
}

/** The listed ranges that an address or range lies in, or is; in the form that lists show. */
export async function coveringRanges(db: Database, ip: string): Promise<readonly string[]> {
  const rows = await db('trusted_hosts')
    .whereRaw('ip >>= CAST(? AS inet)', [ip])
    .orderBy('ip')
    .select(db.raw(`${shown} AS ip`));
  return rows.map((row) => row.ip);
}
