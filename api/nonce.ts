import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';

type NonceState = 'valid' | 'expired' | 'forged';

export interface Nonces {
  /**
   * A nonce that no one has seen before and that every replica with our keys finds genuine. A shared one says of itself that it may be used
   * at all of them.
   */
  issue(isShared?: boolean): string;
  /** `expired` is said of genuine nonces only; whatever else is wrong with a nonce is `forged`. */
  check(nonce: string): NonceState;
}

interface SigningKey {
  readonly id: Buffer;
  readonly mac: Buffer;
}

// Layout, in bytes: time in ms (6), kind (1), random (9), key id (4), MAC of all before it (16). 36 bytes make 48 characters of
// base64url without padding or idle bits, so that a nonce has one spelling only.
const timeBytes = 6;
const kindByte = timeBytes;
const randomByteCount = 9;
const keyIdBytes = 4;
const macBytes = 16;
const macKeyBytes = 32;
const keyIdStart = kindByte + 1 + randomByteCount;
const macStart = keyIdStart + keyIdBytes;
const wellFormed = /^[-_0-9A-Za-z]{48}$/;

/** A client uses its nonce for many requests: so many that were found genuine lately need not be found so again. */
const maxRemembered = 1000;

const derivationLabel = 'createcustomer digest nonce v1';

/** Clocks of replicas may differ by so much before their nonces are refused. */
const clockToleranceMs = 60_000;

/**
 * Makes and checks Digest nonces without storing them (RFC 7616 sections 3.3 and 5.4): a nonce carries its time and a truncated
 * HMAC-SHA-256. The signing keys are derived from the given secrets (RFC 5869), so the secrets may serve other ends too. The first
 * key signs, all verify: to rotate, put the new key last everywhere, then first, then drop the old one.
 * A nonce is valid up to and including `lifetimeMs` after its issue. Throws when there is no key.
 */
export function createNonces({
  keys,
  lifetimeMs,
  now = Date.now,
}: {
  readonly keys: readonly Buffer[];
  readonly lifetimeMs: number;
  readonly now?: () => number;
}): Nonces {
  const signingKeys = keys.map(deriveSigningKey);
  const [first] = signingKeys;
  if (first === undefined) throw new Error('Nonces need at least one key.');
  const genuine = new LRUCache<string, true>({ max: maxRemembered });

  function isKnown(nonce: string): boolean {
    if (genuine.has(nonce)) return true;
    if (!isGenuine(nonce, signingKeys)) return false;
    genuine.set(detached(nonce), true);
    return true;
  }

  return {
    issue(isShared = false) {
      const signed = Buffer.concat([Buffer.alloc(timeBytes + 1), randomBytes(randomByteCount), first.id]);
      signed.writeUIntBE(now(), 0, timeBytes);
      signed.writeUInt8(Number(isShared), kindByte);
      return Buffer.concat([signed, macOf(first, signed)]).toString('base64url');
    },
    check(nonce) {
      if (!isKnown(nonce)) return 'forged';
      const ageMs = now() - issuedAtMs(nonce);
      if (ageMs < -clockToleranceMs) return 'forged';
      return ageMs > lifetimeMs ? 'expired' : 'valid';
    },
  };
}

/**
 * When a nonce was issued, in ms since 1970. True only of nonces that `check` did not call forged, for the signature is not
 * looked at here. A text that cannot be a nonce counts as issued in 1970.
 */
export function issuedAtMs(nonce: string): number {
  return wellFormed.test(nonce) ? Buffer.from(nonce, 'base64url').readUIntBE(0, timeBytes) : 0;
}

/** Whether a nonce was issued to be used at all replicas. True only of nonces that `check` did not call forged. */
export function isShared(nonce: string): boolean {
  return Buffer.from(nonce, 'base64url')[kindByte] === 1;
}

/** The same nonce in memory of its own: what was cut out of a header keeps the whole header. */
export function detached(nonce: string): string {
  return Buffer.from(nonce, 'latin1').toString('latin1');
}

function isGenuine(nonce: string, signingKeys: readonly SigningKey[]): boolean {
  if (!wellFormed.test(nonce)) return false;
  const bytes = Buffer.from(nonce, 'base64url');
  const signed = bytes.subarray(0, macStart);
  const keyId = bytes.subarray(keyIdStart, macStart);
  return signingKeys.some(
    (key) => key.id.equals(keyId) && timingSafeEqual(macOf(key, signed), bytes.subarray(macStart)),
  );
}

function macOf({ mac }: SigningKey, signed: Buffer): Buffer {
  return createHmac('sha256', mac).update(signed).digest().subarray(0, macBytes);
}

function deriveSigningKey(secret: Buffer): SigningKey {
  const derived = Buffer.from(hkdfSync('sha256', secret, '', derivationLabel, macKeyBytes + keyIdBytes));
  return { mac: derived.subarray(0, macKeyBytes), id: derived.subarray(macKeyBytes) };
}
