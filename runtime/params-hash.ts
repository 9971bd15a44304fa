import { createHmac } from 'node:crypto';
import { deriveKeys } from './seal.ts';

/** Hashes of one call's parameters, the newest key's first. Any of them may stand in the database. */
export type ParamsHashes = readonly [string, ...string[]];

/**
 * Compares calls without keeping what they carried: a keyed hash (HMAC-SHA-256) of the canonical parameters, passwords
 * included, in any order of members. One hash for each secret key, so that a rotation of keys changes no comparison.
 */
export function createParamsHasher(
  secretKeys: readonly Buffer[],
): (params: Readonly<Record<string, unknown>>) => ParamsHashes {
  const [newest, ...older] = deriveKeys(secretKeys, 'idempotency');
  if (!newest) throw new Error('A hasher needs at least one key');

  return (params) => {
    const names = Object.keys(params)
      .filter((name) => params[name] !== undefined)
      .sort();
    const canonical = JSON.stringify(names.map((name) => [name, params[name]]));
    const hash = (key: Buffer) => createHmac('sha256', key).update(canonical).digest('base64url');
    return [hash(newest), ...older.map(hash)];
  };
}
