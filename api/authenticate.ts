import type { IncomingMessage } from 'node:http';
import type { CredentialStore } from '../db/credentials.ts';
import { challengeHeaders, createDigestCheck } from './digest.ts';
import { parseDigestCredentials } from './digest-header.ts';
import { createLoginThrottle } from './login-throttle.ts';
import { createNonces, isShared } from './nonce.ts';
import { createNonceCounts } from './nonce-counts.ts';

/** Who a request comes from. */
export type Caller =
  | { readonly mode: 'customer'; readonly i_customer: number; readonly address: string }
  | { readonly mode: 'trusted'; readonly address: string };

/** The challenge to answer with, or the time after which to try again. */
export type Refusal =
  | { readonly ok: false; readonly challenge: readonly string[] }
  | { readonly ok: false; readonly retryAfterSeconds: number };

/** Somebody, unless it turns out that another request with the same header came before, or that another replica counts its nonce. */
export type Authentication =
  | { readonly ok: true; readonly caller: Caller; readonly refusal?: Promise<Refusal | undefined> }
  | Refusal;

/** How long a nonce is good for. Clients take a new one by themselves (`stale=true`). */
const nonceLifetimeMs = 5 * 60_000;

/** Clocks of replicas may differ by a minute, one way or the other: a used nonce is remembered for so much longer. */
const clockSkewMs = 2 * 60_000;

/** Clients that mean to use Digest begin with an empty request, to be challenged: they are, even at a trusted address. */
function isProbe({ headers }: IncomingMessage): boolean {
  return headers['content-length'] === '0';
}

interface Parts {
  readonly realm: string;
  readonly secretKeys: readonly Buffer[];
  readonly credentials: CredentialStore;
  readonly isTrusted: (address: string) => Promise<boolean>;
  readonly clientAddress: (request: IncomingMessage) => string | undefined;
  /** Shared by all replicas, so that none accepts what another has seen. */
  readonly claimOnce: (claim: string, lifetimeMs: number) => Promise<boolean>;
}

/**
 * Makes the check of who calls. With an Authorization header, HTTP Digest alone decides, even for a trusted address.
 * Without one, a listed address is trusted; everybody else is challenged. It looks at no byte of the body. Failed
 * logins are counted, and too many of them have to wait. Whether a login is a repetition may have to be asked of a store that all
 * replicas share: the answer comes while the body is read.
 */
export function createAuthenticator(parts: Parts): (request: IncomingMessage) => Promise<Authentication> {
  const { realm, isTrusted, clientAddress, claimOnce } = parts;
  const nonces = createNonces({ keys: parts.secretKeys, lifetimeMs: nonceLifetimeMs });
  const counts = createNonceCounts({ claim: (claim) => claimOnce(claim, nonceLifetimeMs + clockSkewMs) });
  const digest = createDigestCheck({ realm, nonces, claim: counts.take, credentials: parts.credentials });
  const throttle = createLoginThrottle();

  /** The nonce that goes with it is shared where clients go to several replicas, or where this one did before. */
  function challenge(stale: boolean, wasShared = false): Refusal {
    const nonce = nonces.issue(wasShared || counts.isSpread());
    return { ok: false, challenge: challengeHeaders({ realm, nonce, stale }) };
  }

  /** Another replica may own the nonce: the next one is good for all. */
  function refuseUsed(isFirst: boolean): Refusal | undefined {
    return isFirst ? undefined : challenge(true, true);
  }

  function accept(i_customer: number, address: string, isFirst: boolean | Promise<boolean>): Authentication {
    const caller: Caller = { mode: 'customer', i_customer, address };
    if (typeof isFirst === 'boolean') return refuseUsed(isFirst) ?? { ok: true, caller };
    const refusal = isFirst.then(refuseUsed);
    // Whoever looks at it may do something else before, and may fail at that.
    refusal.catch(() => {});
    return { ok: true, caller, refusal };
  }

  async function logIn(request: IncomingMessage, authorization: string, address: string): Promise<Authentication> {
    const params = parseDigestCredentials(authorization);
    const attempt = { address, login: params?.get('username') ?? '' };
    const retryAfterSeconds = await throttle.waitSeconds(attempt);
    if (retryAfterSeconds > 0) return { ok: false, retryAfterSeconds };
    const result = await digest.check({ params, method: request.method ?? '', url: request.url ?? '' });
    if (result.outcome === 'ok') return accept(result.credential.i_customer, address, result.isFirst);
    if (!result.stale) await throttle.fail(attempt);
    return challenge(result.stale, result.stale && isShared(params?.get('nonce') ?? ''));
  }

  return async function authenticate(request) {
    const address = clientAddress(request);
    const { authorization } = request.headers;
    if (authorization !== undefined) return logIn(request, authorization, address ?? 'unknown');
    const trusted = address !== undefined && !isProbe(request) && (await isTrusted(address));
    return trusted ? { ok: true, caller: { mode: 'trusted', address } } : challenge(false);
  };
}
