import type { IncomingMessage } from 'node:http';
import type { Credential } from '../db/credentials.ts';
import { challengeHeaders, createDigestCheck } from './digest.ts';
import { createNonces } from './nonce.ts';
import { createReplayGuard } from './replay-guard.ts';

/** Who a request comes from. */
export type Caller =
  | { readonly mode: 'customer'; readonly i_customer: number; readonly address: string }
  | { readonly mode: 'trusted'; readonly address: string };

/** Somebody, or the challenge to answer with. */
export type Authentication =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly challenge: readonly string[] };

/** How long a nonce is good for. Clients take a new one by themselves (`stale=true`). */
const nonceLifetimeMs = 5 * 60_000;

/** Clients that mean to use Digest begin with an empty request, to be challenged: they are, even at a trusted address. */
function isProbe({ headers }: IncomingMessage): boolean {
  return headers['content-length'] === '0';
}

/**
 * Makes the check of who calls. With an Authorization header, HTTP Digest alone decides, even for a trusted address.
 * Without one, a listed address is trusted; everybody else is challenged. It looks at no byte of the body.
 */
export function createAuthenticator(options: {
  readonly realm: string;
  readonly secretKeys: readonly Buffer[];
  readonly findCredential: (login: string) => Promise<Credential | undefined>;
  readonly isTrusted: (address: string) => Promise<boolean>;
  readonly clientAddress: (request: IncomingMessage) => string | undefined;
}): (request: IncomingMessage) => Promise<Authentication> {
  const { realm, isTrusted, clientAddress } = options;
  const nonces = createNonces({ keys: options.secretKeys, lifetimeMs: nonceLifetimeMs });
  const replayGuard = createReplayGuard({ lifetimeMs: nonceLifetimeMs });
  const digest = createDigestCheck({ realm, nonces, replayGuard, findHa1: options.findCredential });

  function challenge(stale: boolean): Authentication {
    return { ok: false, challenge: challengeHeaders({ realm, nonce: nonces.issue(), stale }) };
  }

  return async function authenticate(request) {
    const address = clientAddress(request);
    const { authorization } = request.headers;
    if (authorization === undefined) {
      const trusted = address !== undefined && !isProbe(request) && (await isTrusted(address));
      return trusted ? { ok: true, caller: { mode: 'trusted', address } } : challenge(false);
    }
    const result = await digest.check({ authorization, method: request.method ?? '', url: request.url ?? '' });
    if (result.outcome === 'challenge') return challenge(result.stale);
    const { i_customer } = result.credential;
    return { ok: true, caller: { mode: 'customer', i_customer, address: address ?? 'unknown' } };
  };
}
