import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createNonces, isShared, issuedAtMs } from '../../api/nonce.ts';
import { cutOutOfHeader, heldBytes } from '../services/held-bytes.ts';

const lifetimeMs = 300_000;
const start = Date.UTC(2026, 0, 1);
const oldKey = Buffer.alloc(32, 1);
const newKey = Buffer.alloc(32, 2);

const at = (timeMs: number, keys: readonly Buffer[] = [oldKey]) =>
  createNonces({ keys, lifetimeMs, now: () => timeMs });

describe('A nonce', () => {
  it('is valid when it has just been issued', () => {
    const nonces = createNonces({ keys: [oldKey], lifetimeMs });
    expect(nonces.check(nonces.issue())).toBe('valid');
  });

  it('is valid to the last millisecond of its life and expired afterwards', () => {
    const nonce = at(start).issue();
    expect(at(start + lifetimeMs).check(nonce)).toBe('valid');
    expect(at(start + lifetimeMs + 1).check(nonce)).toBe('expired');
  });

  it('may come from a clock that is a minute ahead, and is forged beyond that', () => {
    const nonce = at(start + 60_000).issue();
    expect(at(start).check(nonce)).toBe('valid');
    expect(at(start - 1).check(nonce)).toBe('forged');
  });

  it('is never issued twice, not even within a millisecond', () => {
    const nonces = at(start);
    expect(new Set(Array.from({ length: 1_000 }, () => nonces.issue())).size).toBe(1_000);
  });

  it('is accepted by another process with the same key', () => {
    expect(at(start, [Buffer.from(oldKey)]).check(at(start).issue())).toBe('valid');
  });

  it('stays valid when its key is no longer the first, and when the key is not yet the first', () => {
    expect(at(start, [newKey, oldKey]).check(at(start, [oldKey]).issue())).toBe('valid');
    expect(at(start, [oldKey, newKey]).check(at(start, [newKey, oldKey]).issue())).toBe('valid');
  });

  it('is signed with the first key', () => {
    const nonce = at(start, [newKey, oldKey]).issue();
    expect(at(start, [newKey]).check(nonce)).toBe('valid');
    expect(at(start, [oldKey]).check(nonce)).toBe('forged');
  });

  it('is forged when its key is unknown', () => {
    expect(at(start, [randomBytes(32)]).check(at(start).issue())).toBe('forged');
  });

  it('is forged when it is old and its signature is wrong', () => {
    const nonce = at(start, [newKey]).issue();
    expect(at(start + lifetimeMs + 1, [oldKey]).check(nonce)).toBe('forged');
  });

  it('is forged when any of its bits is turned', () => {
    const nonces = at(start);
    const bytes = Buffer.from(nonces.issue(), 'base64url');
    const states = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const turned = Buffer.from(bytes);
      turned.writeUInt8(turned.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      return nonces.check(turned.toString('base64url'));
    });
    expect(new Set(states)).toEqual(new Set(['forged']));
  });

  it('has one spelling only', () => {
    const nonces = at(start);
    const nonce = nonces.issue();
    expect(nonce).toMatch(/^[-_0-9A-Za-z]{48}$/);
    for (const other of [`${nonce}=`, ` ${nonce}`, `${nonce}\n`, `${nonce}A`, nonce.slice(0, -1), ''])
      expect(nonces.check(other)).toBe('forged');
    const withMinus = Array.from({ length: 1_000 }, () => nonces.issue()).find((each) => each.includes('-')) ?? '';
    expect(nonces.check(withMinus)).toBe('valid');
    expect(nonces.check(withMinus.replaceAll('-', '+'))).toBe('forged');
  });

  it('tells when it was issued, and other texts count as issued in 1970', () => {
    expect(issuedAtMs(at(start).issue())).toBe(start);
    expect(issuedAtMs('dcd98b7102dd2f0e8b11d0f600bfb0c093')).toBe(0);
  });

  it('says whether it is shared, and cannot be made to say otherwise', () => {
    const nonces = at(start);
    expect([isShared(nonces.issue()), isShared(nonces.issue(true))]).toEqual([false, true]);
    expect([nonces.check(nonces.issue()), nonces.check(nonces.issue(true))]).toEqual(['valid', 'valid']);
  });

  it('is remembered without the header that it was cut out of', async () => {
    const nonces = at(start);
    const held = await heldBytes(() => {
      for (let each = 0; each < 500; each += 1) nonces.check(cutOutOfHeader(nonces.issue()));
    });
    expect(held).toBeLessThan(5_000_000);
    expect(nonces.check(nonces.issue())).toBe('valid');
  });

  it('cannot be made without a key', () => {
    expect(() => createNonces({ keys: [], lifetimeMs })).toThrow('at least one key');
  });
});
