import { describe, expect, test } from 'vitest';
import { createRowMaker, parentOf } from '../../bulk-import/make-row.ts';
import { type Mapping, requireFitting, requireMembers } from '../../bulk-import/mapping.ts';
import { createCustomerSchema } from '../../schemas/create-customer.ts';
import type { Problem } from '../../schemas/faults.ts';
import { isPasswordHash } from '../../schemas/password-hash.ts';
import { createParameterCheck } from '../../schemas/validate.ts';

interface Given {
  readonly map?: Readonly<Record<string, string>>;
  readonly set?: Readonly<Record<string, string>>;
  readonly ignore?: readonly string[];
  readonly keyColumn?: string;
}

function mappingOf({ map = {}, set = {}, ignore = [], keyColumn }: Given = {}): Mapping {
  return { map: new Map(Object.entries(map)), set: new Map(Object.entries(set)), ignore: new Set(ignore), keyColumn };
}

function make(values: Readonly<Record<string, unknown>>, given: Given = {}, isCsv = true) {
  const made = createRowMaker({ mapping: mappingOf(given), isCsv })({ line: 7, values });
  return 'row' in made ? made.row : `${made.code} ${made.text}`;
}

describe('A row of a chunk', () => {
  test('When a cell is empty, then it is not given; when it is \\N, then it is nil', () => {
    expect(make({ name: 'A', city: '', i_tariff: '\\N' })).toEqual({ line: 7, params: { name: 'A', i_tariff: null } });
  });

  test('When it is of NDJSON, then values are as they are, and what is nested is cut short', () => {
    const values = { name: 'A', city: '', country: '\\N', balance: 1.5, cc: [[[1]]], bcc: { a: { b: 1 } }, fax: null };
    expect(make(values, {}, false)).toEqual({ line: 7, params: { ...values, cc: [], bcc: {} } });
  });

  test('When text has what the queue cannot carry, then it is changed to what every member refuses', () => {
    const values = { name: 'a\0b', city: 'x\ud800', country: '\ud83d\ude00', 'u\0': 1 };
    const params = { name: 'a\u0001b', city: 'x\u0001', country: '\ud83d\ude00', 'u\u0001': 1 };
    expect(make(values, {}, false)).toEqual({ line: 7, params });
    expect(make(values)).toEqual({ line: 7, params });
  });

  test('Every member refuses what such text is changed to', () => {
    const check = createParameterCheck();
    for (const [name, { type }] of Object.entries<{ type: string | readonly string[] }>(
      createCustomerSchema.properties,
    )) {
      const { problems } = check(new Map([[name, { kind: 'string', text: 'a\u0001b' }]])) as {
        problems: readonly Problem[];
      };
      expect(problems.map(({ member, code }) => `${code} ${member} ${type}`)).toContain(`400 ${name} ${type}`);
    }
    expect(isPasswordHash('a\u0001b')).toBe(false);
  });

  test('When a program gives a bigint, then it is carried as text, and undefined is not given', () => {
    expect(make({ balance: 12n, city: undefined }, {}, false)).toEqual({ line: 7, params: { balance: '12' } });
  });

  test.each([
    [Number.POSITIVE_INFINITY, 'must be a finite number'],
    [Number.NaN, 'must be a finite number'],
    [() => 1, 'must be a single value, not a function'],
    [Symbol('x'), 'must be a single value, not a symbol'],
  ])('When a program gives %s, which JSON would leave out, then the row fails', (balance, says) => {
    expect(make({ name: 'A', balance }, {}, false)).toBe(`400 Wrong value of balance: ${says}`);
  });

  test('When there are constants, then every row has them, read as cells', () => {
    const set = { i_tariff: '1', city: '', fax: '\\N' };
    expect(make({ name: 'A' }, { set })).toEqual({ line: 7, params: { name: 'A', i_tariff: '1', fax: null } });
    expect(make({ name: 'A' }, { set }, false)).toEqual({ line: 7, params: { name: 'A', i_tariff: '1', fax: null } });
  });

  test('When a row of NDJSON has what is set or mapped as well, then it fails', () => {
    expect(make({ i_tariff: 2 }, { set: { i_tariff: '1' } }, false)).toMatch(
      /^400 Wrong value of i_tariff: is given twice/,
    );
    expect(make({ x: 2, name: 'A' }, { map: { x: 'name' } }, false)).toMatch(
      /^400 Wrong value of name: is given twice/,
    );
  });

  test('When columns are mapped, ignored or reported by an earlier run, then members alone are left', () => {
    const values = { 'Full Name': 'A', Notes: 'x', line: '3', code: '400', message: 'm' };
    const given = { map: { 'Full Name': 'name' }, ignore: ['Notes'] };
    expect(make(values, given)).toEqual({ line: 7, params: { name: 'A' } });
    expect(make({ message: 'd' }, { map: { message: 'description' } })).toEqual({
      line: 7,
      params: { description: 'd' },
    });
  });

  test('When a column has the key, then it is no member, unless it is called like one', () => {
    expect(make({ id: 'k1', name: 'A' }, { keyColumn: 'id' })).toEqual({ line: 7, key: 'k1', params: { name: 'A' } });
    expect(make({ id: 12 }, { keyColumn: 'id' }, false)).toEqual({ line: 7, key: '12', params: {} });
    expect(make({ name: 'A' }, { keyColumn: 'name' })).toEqual({ line: 7, key: 'A', params: { name: 'A' } });
    for (const id of ['', 'a b', 'ä', 'x'.repeat(256)]) {
      expect(make({ id }, { keyColumn: 'id' })).toMatch(/^400 Wrong value of id: must be 1 to 255 visible ASCII/);
    }
  });

  test.each([
    [undefined, 1],
    [null, 1],
    ['', 1],
    ['12', 12],
    [' 12 ', 12],
    [12, 12],
    ['1.2e1', 12],
    ['x', 1],
    [[], 1],
  ])('When its parent is %j, then it is looked for under %i', (i_wholesaler, parent) => {
    expect(parentOf({ line: 1, params: i_wholesaler === undefined ? {} : { i_wholesaler } })).toBe(parent);
  });
});

describe('A mapping', () => {
  const usual = ['name', 'web_password', 'i_tariff'];
  const refusals: readonly (readonly [what: string, header: readonly string[], given: Given, says: string | RegExp])[] =
    [
      ['a column is misspelt', ['nmae', ...usual], {}, /^Unknown parameter nmae: did you mean name\?\nUse --map/],
      [
        'a hash is misspelt',
        [...usual.slice(0, 1), 'web_password_hsh', 'i_tariff'],
        {},
        /did you mean web_password_hash\?/,
      ],
      ['columns are not told apart', ['name|city'], {}, /^Unknown parameter name\|city\n.*\nUse --delimiter/],
      ['several are unknown', ['x1', 'x2', ...usual], {}, /^Unknown parameter x1.*\nUnknown parameter x2.*\nUse/],
      [
        'a needed column is missing',
        ['name'],
        {},
        /^There is no column for i_tariff, web_password or web_password_hash: /,
      ],
      ['a mapped column is missing', usual, { map: { x: 'city' } }, /^There is no column "x"; the header has "name", /],
      ['an ignored column is missing', usual, { ignore: ['x'] }, /^There is no column "x"/],
      ['the key column is missing', usual, { keyColumn: 'x' }, /^There is no column "x"/],
      ['a member is set, and a column', usual, { set: { name: 'A' } }, /^name is given twice/],
      ['a member is mapped, and a column', ['n', ...usual], { map: { n: 'name' } }, /^name is given twice/],
      ['two columns are one member', ['n', 'm', ...usual], { map: { n: 'city', m: 'city' } }, /^city is given twice/],
    ];

  test.each(refusals)('When %s, then it says so', (...[, header, given, says]) => {
    expect(() => requireFitting(header, mappingOf(given))).toThrow(says);
  });

  test('When everything is there, then it fits', () => {
    requireFitting(usual, mappingOf());
    requireFitting(
      ['name', 'web_password_hash', "i_password_policy'", 'id'],
      mappingOf({ set: { i_tariff: '1' }, keyColumn: 'id' }),
    );
    requireFitting([...usual, 'line', 'code', 'message', 'x', 'y'], mappingOf({ map: { y: 'city' }, ignore: ['x'] }));
    requireFitting([...usual, 'city'], mappingOf({ ignore: ['city'], set: { city: 'Bonn' } }));
  });

  test('When it names a member that does not exist, then it says which one was meant', () => {
    expect(() => requireMembers(mappingOf({ set: { cuntry: 'x' } }))).toThrow(
      /^Unknown parameter cuntry: did you mean country\? \(in --set\)/,
    );
    expect(() => requireMembers(mappingOf({ map: { x: 'nam' } }))).toThrow(/did you mean name\? \(in --map "x=nam"\)/);
  });
});
