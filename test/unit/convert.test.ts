import { describe, expect, it } from 'vitest';
import { convertMembers } from '../../schemas/convert.ts';
import type { Scalar, Value } from '../../schemas/value.ts';
import { booleans, doubles, everyMember, integers, strings } from './reference-members.ts';

const struct: Value = { kind: 'struct', members: new Map() };
const array: Value = { kind: 'array', items: [] };

const scalar = (kind: Scalar['kind'], content: string): Scalar => ({ kind, text: content });
const convert = (name: string, value: Value) => convertMembers(new Map([[name, value]]));

function expectConverted(name: string, value: Value, expected: unknown) {
  const { params, problems } = convert(name, value);
  expect(problems).toEqual([]);
  expect(params[name]).toBe(expected);
}

function expectRefused(name: string, value: Value, says: string) {
  const { params, problems } = convert(name, value);
  expect(problems).toEqual([{ code: 400, member: name, text: `Wrong value of ${name}: ${says}` }]);
  expect(params).toEqual({});
}

type Row = readonly [kind: Scalar['kind'], content: string, expected: unknown];

describe('A string member', () => {
  const rows: readonly Row[] = [
    ['string', ' as it  stands ', ' as it  stands '],
    ['int', '007', '007'],
    ['int', '-12', '-12'],
    ['double', '1.50', '1.50'],
    ['boolean', '1', '1'],
    ['dateTime', '20260131T12:00:00', '20260131T12:00:00'],
    ['base64', 'TcO8bGxlcg==', 'Müller'],
    ['base64', '77u/w6Q=', '\ufeffä'],
  ];
  it.each(rows)('takes the own text of %s "%s"', (kind, content, expected) => {
    for (const name of strings) expectConverted(name, scalar(kind, content), expected);
  });

  it.each(['/w==', '7aCA'])('refuses base64 %s, whose bytes are no UTF-8', (content) => {
    expectRefused('city', scalar('base64', content), 'must be text, not base64 of bytes that are no UTF-8');
  });
});

describe('An integer member', () => {
  const rows: readonly Row[] = [
    ['int', '5', 5],
    ['int', '+5', 5],
    ['int', '-0', 0],
    ['int', '007', 7],
    ['int', '2147483648', 2_147_483_648],
    ['double', '3.0', 3],
    ['double', '-0.0', 0],
    ['double', '3e2', 300],
    ['double', '2500e-2', 25],
    ['boolean', '1', 1],
    ['boolean', '0', 0],
    ['string', '12', 12],
    ['string', ' 12 ', 12],
    ['string', '12.00', 12],
    ['string', '.5e1', 5],
  ];
  it.each(rows)('takes %s "%s" without a loss', (kind, content, expected) => {
    for (const name of integers) expectConverted(name, scalar(kind, content), expected);
  });

  it.each([
    ['double', '3.5'],
    ['double', '1e-1'],
    ['string', '0.5'],
    ['string', '1.00000000000000000001'],
    ['string', '10000000000000000000001e-22'],
  ] as const)('refuses %s "%s", which has a fraction', (kind, content) => {
    for (const name of integers) expectRefused(name, scalar(kind, content), 'must be an integer, without a fraction');
  });

  const noNumbers = [
    '12abc',
    'abc',
    ' ',
    '0x10',
    '1_000',
    '1,5',
    '1 000',
    '--1',
    '.',
    'e5',
    '1e',
    '1e999',
    '١٢',
    'yes',
  ];
  it.each([...noNumbers, 'NaN', 'Infinity'])('refuses the string "%s"', (content) => {
    for (const name of integers) {
      expectRefused(name, scalar('string', content), 'must be an integer, not other text');
    }
  });

  it('takes the texts of a boolean where it is 0 or 1', () => {
    expectConverted('api_access', scalar('string', 'true'), 1);
    expectConverted('use_own_tariff', scalar('string', 'false'), 0);
    expectRefused('max_depth', scalar('string', 'true'), 'must be an integer, not other text');
  });

  it('refuses a dateTime and base64', () => {
    expectRefused('max_depth', scalar('dateTime', '20260131T12:00:00'), 'must be an integer, not a dateTime');
    expectRefused('max_depth', scalar('base64', 'MTI='), 'must be an integer, not base64');
  });
});

describe('A double member', () => {
  const rows: readonly Row[] = [
    ['double', '1.5', 1.5],
    ['double', '-0.0', 0],
    ['int', '12', 12],
    ['int', '+9007199254740992', 9_007_199_254_740_992],
    ['int', '-9007199254740994', -9_007_199_254_740_994],
    ['string', '1.5', 1.5],
    ['string', ' -1.5e3 ', -1500],
    ['string', '.5', 0.5],
    ['string', '5.', 5],
  ];
  it.each(rows)('takes %s "%s"', (kind, content, expected) => {
    for (const name of doubles) expectConverted(name, scalar(kind, content), expected);
  });

  it('refuses an int that a double cannot hold exactly', () => {
    const says = 'must be a number that a double holds exactly';
    for (const name of doubles) expectRefused(name, scalar('int', '9007199254740993'), says);
  });

  it.each(['12abc', '1,5', '1e400', '-1e400', 'NaN', 'Infinity', '-inf', ' ', '0x1p3'])(
    'refuses the string "%s"',
    (content) => {
      for (const name of doubles) expectRefused(name, scalar('string', content), 'must be a number, not other text');
    },
  );

  it.each([
    ['boolean', '1', 'a boolean'],
    ['dateTime', '20260131T12:00:00', 'a dateTime'],
    ['base64', 'MTI=', 'base64'],
  ] as const)('refuses %s "%s"', (kind, content, shown) => {
    for (const name of doubles) expectRefused(name, scalar(kind, content), `must be a number, not ${shown}`);
  });
});

describe('A boolean member', () => {
  const rows: readonly Row[] = [
    ['boolean', '1', true],
    ['boolean', '0', false],
    ['int', '1', true],
    ['int', '0', false],
    ['double', '1.0', true],
    ['double', '0', false],
    ['string', '1', true],
    ['string', '0', false],
    ['string', 'true', true],
    ['string', 'false', false],
  ];
  it.each(rows)('takes %s "%s"', (kind, content, expected) => {
    for (const name of booleans) expectConverted(name, scalar(kind, content), expected);
  });

  it.each([
    ['int', '2', 'an int'],
    ['int', '-1', 'an int'],
    ['double', '0.5', 'a double'],
    ['string', 'yes', 'other text'],
    ['string', 'TRUE', 'other text'],
    ['string', ' ', 'other text'],
    ['dateTime', '20260131T12:00:00', 'a dateTime'],
    ['base64', 'MQ==', 'base64'],
  ] as const)('refuses %s "%s"', (kind, content, shown) => {
    for (const name of booleans) {
      expectRefused(name, scalar(kind, content), `must be a boolean, 0 or 1, not ${shown}`);
    }
  });
});

describe('A numeric text', () => {
  it('reads a megabyte of digits in an instant', () => {
    const digits = '1'.repeat(1_000_000);
    const started = performance.now();
    for (const content of [`${digits}x`, `0.${digits}x`, `1e${digits}x`, `0.${'0'.repeat(1_000_000)}1`]) {
      for (const name of ['max_depth', 'balance', 'dncl_enabled']) convert(name, scalar('string', content));
    }
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('Any member', () => {
  it.each([
    ['a struct', struct],
    ['an array', array],
  ])('refuses %s', (shown, value) => {
    for (const name of everyMember) expectRefused(name, value, `must be a single value, not ${shown}`);
  });
});
