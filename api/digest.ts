import { timingSafeEqual } from 'node:crypto';
import { type DigestAlgorithm, digestAlgorithms, digestHash, type Ha1s } from '../schemas/digest.ts';
import { type DigestParams, quote } from './digest-header.ts';
import type { Nonces } from './nonce.ts';

type DigestOutcome<T> =
  | {
      readonly outcome: 'ok';
      readonly user: string;
      readonly credential: T;
      /** False when this nonce and count must not be used here, or not again. It is awaited before anything is done for the caller. */
      readonly isFirst: boolean | Promise<boolean>;
    }
  | { readonly outcome: 'challenge'; readonly stale: boolean };

export interface DigestCheck<T> {
  /** `method` and `url` are the request line's own; `params` is what `parseDigestCredentials` read in the header. */
  check(request: {
    readonly params: DigestParams | undefined;
    readonly method: string;
    readonly url: string;
  }): Promise<DigestOutcome<T>>;
}

/** Stands in for an unknown user's, so that the same work is done. No answer is right for it, whatever it hashes to. */
const dummyHa1s: Ha1s = { MD5: '0'.repeat(32), 'SHA-256': '0'.repeat(64) };

const nonceCount = /^[0-9a-f]{8}$/i;
const absoluteOrigin = /^https?:\/\/[^/?#]*/i;

/**
 * The values of the two `WWW-Authenticate` headers of a 401 (RFC 7616 section 3.3): MD5 first, for some clients take the first and know no
 * other; `realm` leads, and `qop` is `auth` alone, for some clients read no more. The realm should be printable ASCII without
 * quotes and backslashes: they are escaped here, but not every client undoes it.
 */
export function challengeHeaders(challenge: {
  readonly realm: string;
  readonly nonce: string;
  readonly stale: boolean;
}): string[] {
  const { realm, nonce, stale } = challenge;
  return digestAlgorithms.map(
    (algorithm) =>
      `Digest realm=${quote(realm)}, nonce=${quote(nonce)}, qop="auth", algorithm=${algorithm}${stale ? ', stale=true' : ''}`,
  );
}

/** Reads an `algorithm` parameter: absent means MD5, case does not count. Undefined for what we do not offer, as `MD5-sess`. */
export function algorithmNamed(name = 'MD5'): DigestAlgorithm | undefined {
  return digestAlgorithms.find((algorithm) => algorithm === name.toUpperCase());
}

/** The `response` of RFC 7616 section 3.4.1 for `qop=auth`, in lower-case hex. `uri` and `nc` enter as they stand in the header. */
export function responseOf(
  algorithm: DigestAlgorithm,
  ha1: string,
  request: Readonly<Record<'method' | 'uri' | 'nonce' | 'nc' | 'cnonce', string>>,
): string {
  const { method, uri, nonce, nc, cnonce } = request;
  const ha2 = digestHash(algorithm, `${method}:${uri}`);
  return digestHash(algorithm, `${ha1}:${nonce}:${nc}:${cnonce}:auth:${ha2}`);
}

/**
 * Whether the header proves knowledge of the password behind `ha1` for this very method and request target (RFC 7616 section 3.4.6).
 * The age of the nonce and replays are not looked at. False for everything that is absent or not offered: no `qop`
 * (RFC 2069), `auth-int`, `-sess` algorithms, an `nc` that is not eight hex digits, another target's `uri`.
 */
export function verifyResponse(attempt: {
  readonly params: DigestParams;
  readonly method: string;
  readonly uri: string;
  readonly ha1: Ha1s;
}): boolean {
  const { params, method, ha1 } = attempt;
  const [uri, nonce, nc, cnonce] = ['uri', 'nonce', 'nc', 'cnonce'].map((name) => params.get(name));
  const algorithm = algorithmNamed(params.get('algorithm'));
  if (algorithm === undefined || params.get('qop') !== 'auth') return false;
  if (uri === undefined || nonce === undefined || nc === undefined || cnonce === undefined) return false;
  if (!nonceCount.test(nc) || originForm(uri) !== originForm(attempt.uri)) return false;
  const expected = responseOf(algorithm, ha1[algorithm], { method, uri, nonce, nc, cnonce });
  return equalInConstantTime(expected, params.get('response')?.toLowerCase() ?? '');
}

/**
 * Checks the `Authorization` header of a request. A forged nonce and another realm are refused before anyone is looked up. An unknown user
 * and a wrong password get the same answer after the same work, provided that `find` itself takes equally long for both:
 * whatever is remembered can let somebody in, and nobody is refused without having been looked up once.
 * `stale` is true only when the password was right but the nonce is too old. Rejects only when `find` does, and `isFirst` only
 * when `claim` does.
 */
export function createDigestCheck<T extends { readonly ha1: Ha1s }>(parts: {
  readonly realm: string;
  readonly nonces: Nonces;
  /**
   * True for the first request with this nonce and count (eight small hex digits), false for every later one and where the nonce is
   * counted elsewhere. No order is asked for: some clients begin at 00000000, others go on counting across nonces. Called only
   * after the password was verified, so that no stranger can fill the store.
   */
  readonly claim: (nonce: string, nc: string) => boolean | Promise<boolean>;
  readonly credentials: {
    find(user: string): Promise<T | undefined>;
    /** What `find` found lately, or undefined. */
    recall(user: string): T | undefined;
  };
}): DigestCheck<T> {
  const { realm, nonces, claim, credentials } = parts;
  return {
    async check({ params, method, url }) {
      const attempt = readAttempt(params, realm);
      if (attempt === undefined) return challenge(false);
      const { user, nonce, nc } = attempt;
      const nonceState = nonces.check(nonce);
      if (nonceState === 'forged') return challenge(false);
      const prove = (candidate: T | undefined) =>
        verifyResponse({ params: attempt.params, method, uri: url, ha1: candidate?.ha1 ?? dummyHa1s })
          ? candidate
          : undefined;
      const credential = prove(credentials.recall(user)) ?? prove(await credentials.find(user));
      if (credential === undefined) return challenge(false);
      if (nonceState !== 'valid') return challenge(true);
      return { outcome: 'ok', user, credential, isFirst: claim(nonce, nc.toLowerCase()) };
    },
  };
}

function readAttempt(params: DigestParams | undefined, realm: string) {
  if (params === undefined || params.get('realm') !== realm) return undefined;
  const [user, nonce, nc] = ['username', 'nonce', 'nc'].map((name) => params.get(name));
  if (user === undefined || nonce === undefined || nc === undefined) return undefined;
  return { params, user, nonce, nc };
}

function challenge(stale: boolean): { readonly outcome: 'challenge'; readonly stale: boolean } {
  return { outcome: 'challenge', stale };
}

/** Cuts scheme and authority off a target in absolute form (RFC 9112 section 3.2.2). The rest is compared as text, never normalised. */
export function originForm(target: string): string {
  const rest = target.replace(absoluteOrigin, '');
  return rest === target || rest.startsWith('/') ? rest : `/${rest}`;
}

function equalInConstantTime(expected: string, actual: string): boolean {
  const [left, right] = [Buffer.from(expected), Buffer.from(actual)];
  return left.length === right.length && timingSafeEqual(left, right);
}
