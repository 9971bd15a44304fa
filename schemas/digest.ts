import { hash } from 'node:crypto';

/** The hash algorithms of HTTP Digest that we store and answer, in the order in which they are offered. */
export const digestAlgorithms = ['MD5', 'SHA-256'] as const;

export type DigestAlgorithm = (typeof digestAlgorithms)[number];

/** What a credential row keeps instead of the password: one HA1 for each algorithm, in lower-case hex. */
export type Ha1s = Readonly<Record<DigestAlgorithm, string>>;

const nodeHashNames: Readonly<Record<DigestAlgorithm, string>> = { MD5: 'md5', 'SHA-256': 'sha256' };

/** H(text) of RFC 7616 section 3.3: the hash of the text's UTF-8 bytes, in lower-case hex. */
export function digestHash(algorithm: DigestAlgorithm, text: string): string {
  return hash(nodeHashNames[algorithm], text, 'hex');
}

/**
 * H(A1) of RFC 7616 section 3.4.2, in lower-case hex: 32 digits for MD5, 64 for SHA-256. It is as good as the password
 * within its realm, so it is a secret. The three texts are taken as they are: nothing is trimmed, escaped or normalised.
 */
export function ha1(
  algorithm: DigestAlgorithm,
  { user, realm, password }: { readonly user: string; readonly realm: string; readonly password: string },
): string {
  return digestHash(algorithm, `${user}:${realm}:${password}`);
}
