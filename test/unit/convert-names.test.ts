import { describe, expect, it } from 'vitest';
import { convertMembers, fromJson, membersOfJson } from '../../schemas/convert.ts';
import type { Scalar, Value } from '../../schemas/value.ts';
import { booleans, doubles, everyMember, integers, strings } from './reference-members.ts';

const noStrings = [...integers, ...doubles, ...booleans];
const nilMeansSomething = ['i_tariff', 'max_sessions', 'max_calls_per_second'];
const emptyIsNotGiven = [
  ...['web_login', 'accounts_matching_rule', 'email', 'cc', 'bcc', 'mail_from', 'payment_currency', 'api_password'],
  ...['i_lang', 'dns_alias'],
];

const scalar = (kind: Scalar['kind'], content: string): Scalar => ({ kind, text: content });
const convert = (name: string, value: Value) => convertMembers(new Map([[name, value]]));
const isGiven = (name: string, value: Value) => convert(name, value).params[name] !== undefined;

function expectConverted(name: string, value: Value, expected: unknown) {
  expect(convert(name, value)).toEqual({ params: { [name]: expected }, problems: [] });
}

describe('A value that may mean nothing', () => {
  it('takes nil as not given, but where it has a meaning', () => {
    const given = everyMember.filter((name) => isGiven(name, scalar('nil', '')));
    expect(given).toEqual(nilMeansSomething);
    for (const name of nilMeansSomething) expectConverted(name, scalar('nil', ''), null);
  });

  it('takes the empty string of a member that is no string as nil', () => {
    const given = noStrings.filter((name) => isGiven(name, scalar('string', '')));
    expect(given).toEqual(nilMeansSomething);
    for (const name of nilMeansSomething) expectConverted(name, scalar('string', ''), null);
  });

  it.each(['string', 'base64'] as const)(
    'takes an empty %s of a member with a format or a list as not given',
    (kind) => {
      expect(strings.filter((name) => !isGiven(name, scalar(kind, '')))).toEqual(emptyIsNotGiven);
    },
  );

  it('keeps the empty string of every other string member', () => {
    const others = strings.filter((name) => !emptyIsNotGiven.includes(name));
    for (const name of others) expectConverted(name, scalar('string', ''), '');
  });

  it.each(['int', 'double', 'string'] as const)('takes -1, sent as %s, as unlimited where there is a limit', (kind) => {
    expectConverted('max_sessions', scalar(kind, '-1'), null);
    expectConverted('max_calls_per_second', scalar(kind, '-1'), null);
    expectConverted('i_tariff', scalar(kind, '-1'), -1);
    expectConverted('balance', scalar(kind, '-1'), -1);
  });
});

describe('The name of a member', () => {
  it('understands the name with an apostrophe that the reference prints', () => {
    const printed = convert("i_password_policy'", scalar('string', '2'));
    expect(printed).toEqual({ params: { i_password_policy: 2 }, problems: [] });
  });

  it('refuses the two forms of that name side by side, and a wrong value under the name that is right', () => {
    const says = "Wrong value of i_password_policy: is given twice, also as i_password_policy'";
    const both = ["i_password_policy'", 'i_password_policy'].map((name) => [name, scalar('int', '2')] as const);
    for (const members of [both, both.toReversed()]) {
      expect(convertMembers(new Map(members)).problems.map((problem) => problem.text)).toEqual([says]);
    }
    expect(convert("i_password_policy'", scalar('string', 'x')).problems[0]?.member).toBe('i_password_policy');
  });

  it.each(['unknown', '__proto__', 'constructor', 'toString', ''])(
    'hands the unknown name "%s" on unharmed',
    (name) => {
      const { params, problems } = convert(name, { kind: 'struct', members: new Map() });
      expect([Object.keys(params).filter((one) => !everyMember.includes(one)), problems]).toEqual([[name], []]);
      expect(Object.getPrototypeOf(params)).toBe(Object.prototype);
    },
  );
});

describe('A JSON value', () => {
  it.each([
    [null, scalar('nil', '')],
    [undefined, scalar('nil', '')],
    ['007', scalar('string', '007')],
    [true, scalar('boolean', '1')],
    [false, scalar('boolean', '0')],
    [-12, scalar('int', '-12')],
    [1.5, scalar('double', '1.5')],
    [1e21, scalar('double', '1e+21')],
    [[1], { kind: 'array', items: [scalar('int', '1')] }],
    [{ a: 'b' }, { kind: 'struct', members: new Map([['a', scalar('string', 'b')]]) }],
  ])('%j is read as the XML-RPC value it stands for', (json, value) => {
    expect(fromJson(json)).toEqual(value);
  });

  it('may have a member named __proto__', () => {
    const read = fromJson(JSON.parse('{"__proto__": 1}'));
    expect(read).toEqual({ kind: 'struct', members: new Map([['__proto__', scalar('int', '1')]]) });
  });

  const scalars = ['', ' ', 'x', ' 12 ', '-1', 'true', 0, -0, 1, -1, 5, 1.5, -1.5, 1e21, 2 ** 53, 1e-7, true, false];

  it.each(everyMember)('of %s is converted as the XML-RPC value is that it stands for', (name) => {
    for (const json of scalars) {
      expect(convertMembers(membersOfJson({ [name]: json }))).toEqual(
        convertMembers(new Map([[name, fromJson(json)]])),
      );
    }
  });
});
