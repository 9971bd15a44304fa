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
    // Pushed one by one: `map` makes an array that may have holes, which JSON takes much longer for.
    const members: (readonly [string, unknown])[] = [];
    for (const name of Object.keys(params).sort()) {
      if (params[name] !== undefined) members.push([name, params[name]]);
    }
    const canonical = JSON.stringify(members);
    const hash = (key: Buffer) => createHmac('sha256', key).update(canonical).digest('base64url');
    return [hash(newest), ...older.map(hash)];
  };
}
