import { describe, expect, it } from 'vitest';
import { makePassword } from '../../cli/admin/make-password.ts';

describe('A made password', () => {
  it('has the length that is asked for, 20 characters at the least, and is another one each time', () => {
    expect(makePassword(8, () => true)).toMatch(/^[A-Za-z0-9_-]{20}$/);
    expect(makePassword(128, () => true)).toHaveLength(128);
    expect(new Set(Array.from({ length: 50 }, () => makePassword(1, () => true))).size).toBe(50);
  });

  it('is made until the check passes it, and given up when none does', () => {
    expect(makePassword(8, (password) => /\d/.test(password) && /[-_]/.test(password))).toMatch(/\d.*[-_]|[-_].*\d/);
    expect(makePassword(8, () => false)).toBeUndefined();
  });
});
