import { LRUCache } from 'lru-cache';
import { SealError, type Sealer } from '../runtime/seal.ts';
import { type DigestAlgorithm, ha1 } from '../schemas/digest.ts';
import type { Database } from './connect.ts';

/** What HTTP Digest needs to know of a customer. The hashes are as good as the password: they stay in memory. */
interface Credential {
  readonly i_customer: number;
  readonly ha1: Readonly<Record<DigestAlgorithm, string>>;
}

/** Credentials are remembered this long, and so many of them: 50 bytes of hex each. */
const rememberedMs = 5000;
const maxRemembered = 10_000;

/** What API passwords are sealed for: one that is moved to another login does not open. */
export function sealContext(login: string): string {
  return `api_ha1:${login}`;
}

/** Turns an API password into what is stored of it: the Digest hashes of both algorithms, sealed for this login. */
export function sealApiPassword(
  sealer: Sealer,
  credential: { readonly login: string; readonly realm: string; readonly password: string },
): string {
  const { login: user, realm, password } = credential;
  const hashes = {
    MD5: ha1('MD5', { user, realm, password }),
    'SHA-256': ha1('SHA-256', { user, realm, password }),
  };
  return sealer.seal(JSON.stringify(hashes), sealContext(user));
}

/** True when one of the sealer's keys opens what is stored for this login. */
export function canOpenApiPassword(sealer: Sealer, login: string, sealed: string): boolean {
  try {
    sealer.open(sealed, sealContext(login));
    return true;
  } catch (error) {
    if (error instanceof SealError) return false;
    throw error;
  }
}

/** Who may call the API under a login. */
export interface CredentialStore {
  /** What the database says. A login that nobody has costs the same work as one that somebody has. */
  find(login: string): Promise<Credential | undefined>;
  /** What `find` found a few seconds ago at the most; undefined when it was not asked lately, or found nobody. */
  recall(login: string): Credential | undefined;
}

/**
 * Opens the store of API credentials. It remembers the last ones that it found, so that a client that calls often costs no
 * round trip; access that was taken away ends within five seconds.
 */
export function createCredentialStore(db: Database, sealer: Sealer): CredentialStore {
  const nobody = { login: 'nobody', sealed: sealApiPassword(sealer, { login: 'nobody', realm: '', password: '' }) };
  const recent = new LRUCache<string, Credential>({ max: maxRemembered, ttl: rememberedMs });

  return {
    async find(login) {
      const row = await db('customers').where({ web_login: login, api_access: 1 }).first('i_customer', 'api_ha1');
      const [sealed, sealedFor] = row ? [row.api_ha1, login] : [nobody.sealed, nobody.login];
      const hashes = JSON.parse(sealer.open(sealed, sealContext(sealedFor)));
      const credential = row && { i_customer: row.i_customer, ha1: hashes };
      if (credential) recent.set(login, credential);
      else recent.delete(login);
      return credential;
    },
    recall: (login) => recent.get(login),
  };
}
