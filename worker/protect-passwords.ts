import { sealApiPassword } from '../db/credentials.ts';
import type { NewCustomer } from '../db/customers.ts';
import { withoutPasswords } from '../db/find-problems.ts';
import type { Sealer } from '../runtime/seal.ts';
import { inSpan } from '../runtime/tracing.ts';
import type { CreateCustomerParams } from '../schemas/create-customer.ts';

/** Hashes a password; of which job it is, an observer wants to know. */
export type HashPassword = (password: string, jobId?: string) => Promise<string>;

/** A password, or a hash of it that was made elsewhere. */
type Secret = { readonly web_password: string } | { readonly web_password_hash: string };

/** Makes what turns parameters into what is stored of them: hashes in the place of passwords. */
export function createProtector(parts: {
  readonly sealer: Sealer;
  readonly realm: string;
  readonly hashPassword: HashPassword;
}): (params: Omit<CreateCustomerParams, 'web_password'>, secret: Secret, jobId?: string) => Promise<NewCustomer> {
  const { sealer, realm, hashPassword } = parts;
  return async function protect(params, secret, jobId) {
    const hash = (password: string) =>
      inSpan({ name: 'hash password', kind: 'internal' }, () => hashPassword(password, jobId));
    const { api_password, web_login: login = '' } = params;
    const api_ha1 =
      api_password === undefined ? undefined : sealApiPassword(sealer, { login, realm, password: api_password });
    const isHashed = 'web_password_hash' in secret;
    const web_password_hash = isHashed ? secret.web_password_hash : await hash(secret.web_password);
    return { members: withoutPasswords(params), web_password_hash, api_ha1 };
  };
}
