import { describe, expect, it } from 'vitest';
import { readTime } from '../../cli/admin/read-time.ts';
import { OperatorError } from '../../cli/operator-error.ts';

const now = new Date('2026-05-10T12:00:00.000Z');

describe('A time', () => {
  it.each([
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T12:30', '2026-01-31T12:30:00.000Z'],
    ['2026-01-31 12:30:15.5', '2026-01-31T12:30:15.500Z'],
    ['2026-01-31T12:30:15Z', '2026-01-31T12:30:15.000Z'],
    ['2026-01-31t12:30:15z', '2026-01-31T12:30:15.000Z'],
    ['2026-01-31T12:30:15+02:00', '2026-01-31T10:30:15.000Z'],
    ['2026-01-31T12:30:15-0530', '2026-01-31T18:00:15.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['90s', '2026-05-10T11:58:30.000Z'],
    ['30m', '2026-05-10T11:30:00.000Z'],
    ['2h', '2026-05-10T10:00:00.000Z'],
    ['7d', '2026-05-03T12:00:00.000Z'],
    ['2w', '2026-04-26T12:00:00.000Z'],
    ['999999w', '1970-01-01T00:00:00.000Z'],
  ])('When it is %s, then it is %s', (text, expected) => {
    expect(readTime(text, '--since', now).toISOString()).toBe(expected);
  });

  it.each(['', 'yesterday', '2026-02-30', '2026-13-01', '2026-01-31T25:00', '2026-1-1', '2h ago', '-2h', '2y', '12'])(
    'When it is "%s", then a sentence says what it must be',
    (text) => {
      expect(() => readTime(text, '--since', now)).toThrow(OperatorError);
      expect(() => readTime(text, '--since', now)).toThrow(`30m, 2h or 7d, not ${JSON.stringify(text)}.`);
    },
  );
});
