import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSealer, deriveKeys, SealError } from '../../runtime/seal.ts';

const oldKey = Buffer.alloc(32, 1);
const newKey = Buffer.alloc(32, 2);
const secret = 'pässword 1';
const context = 'job:1';

function changed(sealed: string, at: number): string {
  const bytes = Buffer.from(sealed, 'base64url');
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  return bytes.toString('base64url');
}

describe('A sealed text', () => {
  const sealer = createSealer([newKey]);
  const sealed = sealer.seal(secret, context);

  it('opens to what it was, whatever that is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (text, place) => {
        expect(sealer.open(sealer.seal(text, place), place)).toBe(text);
      }),
    );
  });

  it('shows nothing of what it holds, and can stand in a URL', () => {
    expect(sealed).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(Buffer.from(sealed, 'base64url').includes(secret)).toBe(false);
  });

  it('is another one each time, so that nobody sees that two secrets are the same', () => {
    const all = Array.from({ length: 1000 }, () => sealer.seal(secret, context).slice(6));
    expect(new Set(all).size).toBe(1000);
  });

  it('opens in no other place', () => {
    for (const place of ['job:2', '', 'job:1 ', 'JOB:1']) {
      expect(() => sealer.open(sealed, place)).toThrow(SealError);
    }
  });

  it('opens no more when any of its bytes is changed', () => {
    for (let at = 0; at < Buffer.from(sealed, 'base64url').length; at += 1) {
      expect(() => sealer.open(changed(sealed, at), context)).toThrow(SealError);
    }
  });

  it('opens no more when it is cut short anywhere', () => {
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => sealer.open(sealed.slice(0, length), context)).toThrow(SealError);
    }
  });

  it('is refused without a word about what it holds', () => {
    expect(() => sealer.open(changed(sealed, 40), context)).toThrow(/^The sealed text was changed, or it belongs/);
    expect(() => sealer.open('', context)).toThrow('Sealed with a key that is not in SECRET_KEYS');
    expect(() => sealer.open('not sealed at all: €', context)).toThrow(SealError);
  });
});

describe('A rotation of keys', () => {
  const before = createSealer([oldKey]);
  const during = createSealer([newKey, oldKey]);
  const after = createSealer([newKey]);

  it('lets the first key seal', () => {
    expect(after.open(during.seal(secret, context), context)).toBe(secret);
    expect(() => before.open(during.seal(secret, context), context)).toThrow(SealError);
  });

  it('lets every key open', () => {
    expect(during.open(before.seal(secret, context), context)).toBe(secret);
    expect(during.open(after.seal(secret, context), context)).toBe(secret);
  });

  it('tells what the first key has sealed from what has still to be sealed anew', () => {
    expect(during.isCurrent(after.seal(secret, context))).toBe(true);
    expect(during.isCurrent(before.seal(secret, context))).toBe(false);
    expect(['', 'AA', 'not sealed at all: €'].map((text) => during.isCurrent(text))).toEqual([false, false, false]);
  });

  it('lets nothing open whose key is gone', () => {
    const message = 'Sealed with a key that is not in SECRET_KEYS';
    expect(() => after.open(before.seal(secret, context), context)).toThrow(message);
  });

  it('needs a key', () => {
    expect(() => createSealer([])).toThrow('at least one key');
  });
});

describe('Derived keys', () => {
  it('differ by purpose and by secret key, and from the secret key', () => {
    const keys = [...deriveKeys([oldKey, newKey], 'a'), ...deriveKeys([oldKey, newKey], 'b'), oldKey, newKey];
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(6);
    expect(keys.every((key) => key.length === 32)).toBe(true);
  });

  it('are the same at every start', () => {
    expect(deriveKeys([oldKey], 'a')).toEqual(deriveKeys([oldKey], 'a'));
    // HKDF-SHA-256 with an empty salt, computed with Python's hmac: every version must derive the same.
    expect(deriveKeys([oldKey], 'idempotency')[0]?.toString('hex')).toBe(
      '8b91a961840bc86ff5d54897d23920f7385bda5a13dfeee5a60e5579e54c7eb6',
    );
  });
});
