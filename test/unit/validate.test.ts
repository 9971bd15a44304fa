import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromJson } from '../../schemas/convert.ts';
import { toFault } from '../../schemas/faults.ts';
import { createParameterCheck } from '../../schemas/validate.ts';
import type { Scalar, Value } from '../../schemas/value.ts';
import { everyMember } from './reference-members.ts';

const check = createParameterCheck();
const mandatory = { i_tariff: 1, name: 'Acme', web_password: 'pass word 1' };

type Json = Readonly<Record<string, unknown>>;

const members = (json: Json) => new Map(Object.entries(json).map(([name, value]) => [name, fromJson(value)]));
const checkOnly = (json: Json) => check(members(json));
const checkWith = (changes: Json) => checkOnly({ ...mandatory, ...changes });

function problemsOf(checked: ReturnType<typeof check>) {
  return checked.ok ? [] : checked.problems;
}

const textsOf = (checked: ReturnType<typeof check>) => problemsOf(checked).map(({ text }) => text);

const defaults = {
  web_login: 'Acme',
  balance: 0,
  credit_limit: 0,
  accounts_mgmt: 0,
  customers_mgmt: 0,
  tariffs_mgmt: 0,
  vouchers_mgmt: 0,
  system_mgmt: 0,
  api_access: 0,
  api_mgmt: 0,
  use_own_tariff: 0,
  max_depth: 0,
  i_password_policy: 1,
  callshop_enabled: false,
  overcommit_protection: false,
  did_pool_enabled: false,
  ivr_apps_enabled: false,
  asr_acd_enabled: false,
  debit_credit_cards_enabled: false,
  conferencing_enabled: false,
  share_payment_processors: false,
  dncl_enabled: false,
  i_time_zone: 370,
  i_lang: 'en',
  i_export_type: 1,
  start_page: 1,
  max_sessions: null,
  max_calls_per_second: null,
};

describe('A call with the three mandatory members', () => {
  it('is valid and comes back with the defaults', () => {
    expect(checkOnly(mandatory)).toEqual({ ok: true, params: { ...mandatory, ...defaults } });
  });

  it.each([null, ''])('may send %j for every other member', (nothing) => {
    const others = everyMember.filter((name) => !(name in mandatory) && (nothing === null || name in defaults));
    const empty = Object.fromEntries(others.map((name) => [name, nothing]));
    expect(checkWith(empty)).toEqual({ ok: true, params: { ...mandatory, ...defaults } });
  });

  it('may give nil for the tariff, which means the own one', () => {
    expect(checkWith({ i_tariff: null })).toMatchObject({ ok: true, params: { i_tariff: null } });
    expect(checkWith({ i_tariff: '' })).toMatchObject({ ok: true, params: { i_tariff: null } });
  });

  it('changes nothing that it was given', () => {
    const given = members(mandatory);
    check(given);
    expect([...given]).toEqual([...members(mandatory)]);
  });
});

describe('A call with mistakes', () => {
  it('comes back with the members that have none, defaults filled in', () => {
    const checked = checkWith({ name: ' ', i_lang: 'EN', balance: '12x', city: 'Rome', nonsense: 1 });
    const { web_login: _, i_lang: __, balance: ___, ...others } = defaults;
    const { name: ____, ...rest } = mandatory;
    expect(checked).toMatchObject({ ok: false });
    expect(checked).toHaveProperty('sound', { ...rest, ...others, city: 'Rome' });
  });
});

describe('An absent mandatory member', () => {
  it('is reported, the tariff first, then the name, then the password', () => {
    const checked = checkOnly({});
    expect(checked).toMatchObject({ ok: false, problems: [{ code: 410 }, { code: 410 }, { code: 410 }] });
    if (checked.ok) return;
    expect(toFault(checked.problems)).toEqual({
      code: 410,
      text: 'Parameter i_tariff is required\nParameter name is required\nParameter web_password is required',
    });
  });

  it.each(['name', 'web_password'])('is one for which nil is sent: %s', (name) => {
    expect(textsOf(checkWith({ [name]: null }))).toEqual([`Parameter ${name} is required`]);
  });

  it.each(Object.keys(mandatory))('is not one whose value is wrong: %s', (name) => {
    expect(problemsOf(checkWith({ [name]: [] })).map(({ code }) => code)).toEqual([400]);
  });
});

describe('An unknown parameter', () => {
  it.each([
    ['i_tarif', ': did you mean i_tariff?'],
    ['Name', ': did you mean name?'],
    ['web_pasword', ': did you mean web_password?'],
    ['webLogin', ': did you mean web_login?'],
    ['i_password_policy"', ': did you mean i_password_policy?'],
    ['max_session', ': did you mean max_sessions?'],
    ['colour', ''],
    ['x', ''],
    ['', ''],
    ['__proto__', ''],
    ['hasOwnProperty', ''],
    ['1', ''],
  ])('"%s" is named with the hint "%s"', (name, hint) => {
    const given = new Map<string, Value>([...members(mandatory), [name, { kind: 'struct', members: new Map() }]]);
    expect(textsOf(check(given))).toEqual([`Unknown parameter ${name}${hint}`]);
  });

  it.each(['constructor', 'prototype', 'toString', 'valueOf', '__defineGetter__'])('"%s" is nothing else', (name) => {
    const [first, ...rest] = problemsOf(checkWith({ [name]: 1 }));
    expect(first).toMatchObject({ code: 400, text: expect.stringMatching(`^Unknown parameter ${name}`) });
    expect(rest).toEqual([]);
    expect(Object.prototype).not.toHaveProperty('polluted');
  });

  it('is shown on one line and not at full length', () => {
    const texts = textsOf(checkWith({ 'a\r\nb\u2028\u001b[0m': 1, ['n'.repeat(1_000_000)]: 1, ['ä'.repeat(70)]: 1 }));
    const long = [`${'n'.repeat(64)}…`, `${'?'.repeat(64)}…`];
    expect(texts).toEqual(['a??b??[0m', ...long].map((name) => `Unknown parameter ${name}`));
  });
});

describe('Every problem of a call', () => {
  it('is reported at once, each on a line of its own, in the order of gravity', () => {
    const scalar = (kind: Scalar['kind'], text: string): Scalar => ({ kind, text });
    const checked = check(
      new Map<string, Value>([
        ['name', scalar('string', ' Acme ')],
        ['web_login', scalar('string', 'a:b')],
        ['api_access', scalar('int', '1')],
        ['balance', scalar('string', '12abc')],
        ['credit_limit', scalar('double', '-1')],
        ['max_depth', scalar('double', '1.5')],
        ['email', scalar('string', 'nobody')],
        ['city', { kind: 'array', items: [] }],
        ['i_tarif', scalar('int', '1')],
        ['dncl_enabled', scalar('int', '2')],
      ]),
    );
    if (checked.ok) expect.fail('the call was accepted');
    const { code, text } = toFault(checked.problems);
    const [first, second, third, ...others] = text.split('\n');
    expect(code).toBe(410);
    expect([first, second]).toEqual(['Parameter i_tariff is required', 'Parameter web_password is required']);
    expect(third).toBe('Parameter api_password is required');
    expect(others.toSorted()).toEqual([
      'Unknown parameter i_tarif: did you mean i_tariff?',
      'Wrong value of balance: must be a number, not other text',
      'Wrong value of city: must be a single value, not an array',
      'Wrong value of credit_limit: must be at least 0 and less than 1000000000000',
      'Wrong value of dncl_enabled: must be a boolean, 0 or 1, not an int',
      'Wrong value of email: must be e-mail addresses, separated by commas or semicolons',
      'Wrong value of max_depth: must be an integer, without a fraction',
      'Wrong value of name: must not contain control characters or begin or end with white space',
      'Wrong value of web_login: must not contain a colon',
    ]);
  });
});

describe('The check, given anything', () => {
  const names = fc.oneof(fc.constantFrom(...everyMember, "i_password_policy'", '__proto__'), fc.string());
  const plain = fc.oneof(fc.integer(), fc.double(), fc.boolean(), fc.string({ unit: 'binary' }), fc.constant(null));
  const anything = fc.dictionary(names, fc.oneof(plain, fc.jsonValue()), { maxKeys: 12 });

  it('never throws, and names each problem on one line', () => {
    fc.assert(
      fc.property(anything, (json) => {
        for (const checked of [checkOnly(json), checkWith(json)]) {
          for (const { text } of problemsOf(checked)) expect(text).toMatch(/^(Parameter|Wrong value|Unknown) [ -~…]+$/);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives canonical parameters back unchanged', () => {
    const values = fc.oneof(fc.constantFrom(0, 1, '0', '1', 7, -1, 0.5, 'true', 'EUR', 'a@b', ''), plain);
    const likely = fc.dictionary(fc.constantFrom(...everyMember), values, { maxKeys: 4 });
    let valid = 0;
    fc.assert(
      fc.property(likely, (json) => {
        const once = checkWith(json);
        if (!once.ok) return;
        valid += 1;
        expect(checkOnly(JSON.parse(JSON.stringify(once.params)))).toEqual(once);
      }),
      { numRuns: 2000 },
    );
    expect(valid).toBeGreaterThan(100);
  });
});
