import { SealError, type Sealer } from '../runtime/seal.ts';
import { type DigestAlgorithm, ha1 } from '../schemas/digest.ts';
import type { Database } from './connect.ts';

/** What HTTP Digest needs to know of a customer. The hashes are as good as the password: they stay in memory. */
export interface Credential {
  readonly i_customer: number;
  readonly ha1: Readonly<Record<DigestAlgorithm, string>>;
}

function sealContext(login: string): string {
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

/**
 * Looks up who may call the API under a login. A login that nobody has costs the same work as one that somebody has.
 * @returns a function that finds the credential, or undefined when nobody with API access has this login
 */
export function createCredentialStore(db: Database, sealer: Sealer) {
  const nobody = { login: 'nobody', sealed: sealApiPassword(sealer, { login: 'nobody', realm: '', password: '' }) };

  return async function findCredential(login: string): Promise<Credential | undefined> {
    const row = await db('customers').where({ web_login: login, api_access: 1 }).first('i_customer', 'api_ha1');
    const [sealed, sealedFor] = row ? [row.api_ha1, login] : [nobody.sealed, nobody.login];
    const hashes = JSON.parse(sealer.open(sealed, sealContext(sealedFor)));
    return row && { i_customer: row.i_customer, ha1: hashes };
  };
}
