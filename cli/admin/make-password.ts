import { randomBytes } from 'node:crypto';

/** 20 characters of base64url are 120 bits. */
const usualCharacters = 20;

/** By chance a password may lack a digit; a policy that refuses so many in a row refuses all of this kind. */
const attempts = 1000;

/**
 * Makes a random password of letters, digits, `-` and `_` that passes the check, of 20 characters or of the `minLength` that is
 * asked for. Undefined when the check seems to pass none.
 */
export function makePassword(minLength: number, isGood: (password: string) => boolean): string | undefined {
  const characters = Math.max(usualCharacters, minLength);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const password = randomBytes(characters).toString('base64url').slice(0, characters);
    if (isGood(password)) return password;
  }
  return undefined;
}
