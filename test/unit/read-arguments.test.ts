import { describe, expect, it } from 'vitest';
import { readFlag, readName, readNumber, readWords } from '../../cli/admin/read-arguments.ts';
import { OperatorError } from '../../cli/operator-error.ts';
import { quoted } from '../../cli/quoted.ts';

describe('Arguments', () => {
  it('are whole numbers of a range', () => {
    expect([readNumber('1', 'The id'), readNumber('2147483647', 'The id')]).toEqual([1, 2_147_483_647]);
    for (const text of ['0', '2147483648', '', '-1', '1.5', '1e3', ' 1', '99999999999']) {
      expect(() => readNumber(text, 'The id')).toThrow(/^The id must be a whole number from 1 to 2147483647, not "/);
    }
  });

  it('are yes or no', () => {
    expect(['yes', 'true', '1'].map((text) => readFlag(text, 'x'))).toEqual([true, true, true]);
    expect(['no', 'false', '0'].map((text) => readFlag(text, 'x'))).toEqual([false, false, false]);
    for (const text of ['', 'maybe', 'YES', 'constructor']) expect(() => readFlag(text, '--x')).toThrow(OperatorError);
  });

  it('are names of one line', () => {
    expect(readName('Müller & Söhne', 'The name')).toBe('Müller & Söhne');
    expect(readName('👍'.repeat(128), 'The name')).toHaveLength(256);
    for (const text of ['', 'x'.repeat(129)]) expect(() => readName(text, 'The name')).toThrow('1 to 128 characters');
    for (const text of [' x', 'x ', 'a\nb', 'a\u009bb']) {
      expect(() => readName(text, 'The name')).toThrow(/^The name must not contain control characters or begin/);
    }
  });

  it('are words between commas', () => {
    expect(readWords('acme, two words ,x', 'x')).toEqual(['acme', 'two words', 'x']);
    expect(['', ',', ' , '].map((text) => readWords(text, 'x'))).toEqual([[], [], []]);
    for (const text of ['a,b\u0007', 'a\u009b']) {
      expect(() => readWords(text, '--forbidden')).toThrow(/^--forbidden must not contain control characters/);
    }
  });
});

describe('A text that an argument or the database gave', () => {
  it('must be UTF-8: what Node puts for other bytes is no part of a name', () => {
    expect(() => readName('M\ufffdller', 'The name')).toThrow('The name is no UTF-8 text');
    expect(() => readWords('M\ufffdller', '--forbidden')).toThrow('--forbidden is no UTF-8 text');
  });

  it('is quoted on one line, shortened, without an order to the terminal', () => {
    expect(quoted('Müller "& Söhne"\u001b[2J\u009b\u202e')).toBe(String.raw`"Müller \"& Söhne\"\u001b[2J\u009b\u202e"`);
    expect(quoted('x'.repeat(128))).toBe(`"${'x'.repeat(128)}"`);
    expect(quoted('👍'.repeat(100_000))).toBe(`"${'👍'.repeat(128)}…"`);
  });
});
