import { verify } from '@node-rs/argon2';
import { describe, expect, it } from 'vitest';
import { fromJson } from '../../schemas/convert.ts';
import { type PasswordPolicy, passwordProblems } from '../../schemas/password-policy.ts';
import { createParameterCheck } from '../../schemas/validate.ts';
import { createPasswordHasher } from '../../worker/passwords.ts';

const lax: PasswordPolicy = {
  min_length: 1,
  needs_letter: false,
  needs_digit: false,
  needs_lower: false,
  needs_upper: false,
  needs_special: false,
  forbids_name_and_login: false,
  forbidden: [],
};
const standard: PasswordPolicy = {
  ...lax,
  min_length: 8,
  needs_letter: true,
  needs_digit: true,
  forbids_name_and_login: true,
};
const check = createParameterCheck();

function paramsOf(changes: Readonly<Record<string, unknown>>) {
  const json = { i_tariff: 1, name: 'Acme', web_password: 'pass word 1', ...changes };
  const checked = check(new Map(Object.entries(json).map(([name, value]) => [name, fromJson(value)])));
  if (!checked.ok) throw new Error(checked.problems[0].text);
  return checked.params;
}

function textsOf(policy: PasswordPolicy, changes: Readonly<Record<string, unknown>>) {
  return passwordProblems(policy, paramsOf(changes)).map(({ text }) => text);
}

const tooShort = 'must have 8 or more characters';
const noLetter = 'must contain a letter';
const noDigit = 'must contain a digit';
const tellsName = 'must not contain the name or the login';

describe('The standard password policy', () => {
  it.each([
    'abcdefg1',
    '1234567x',
    'пароль12',
    'passwort٣',
    'x1\u{1f600}\u{1f600}\u{1f600}\u{1f600}\u{1f600}\u{1f600}',
  ])('accepts %s', (web_password) => {
    expect(textsOf(standard, { web_password })).toEqual([]);
  });

  it.each([
    ['abcdef1', [tooShort]],
    ['x1\u{1f600}\u{1f600}\u{1f600}\u{1f600}\u{1f600}', [tooShort]],
    ['12345678', [noLetter]],
    ['abcdefgh', [noDigit]],
    ['password²', [noDigit]],
    ['12acme34', [tellsName]],
    ['12ACME34', [tellsName]],
    ['-', [tooShort, noLetter, noDigit]],
    ['acme', [tooShort, noDigit, tellsName]],
  ])('refuses %s, with every rule that it breaks', (web_password, says) => {
    expect(textsOf(standard, { web_password })).toEqual(says.map((rule) => `Wrong value of web_password: ${rule}`));
  });

  it('forbids the login as well, and case makes no difference', () => {
    const changes = { web_login: 'JDoe', web_password: 'xjdoe123' };
    expect(textsOf(standard, changes)).toEqual([`Wrong value of web_password: ${tellsName}`]);
  });

  it('forbids nothing of a login that does not exist', () => {
    const name = 'x'.repeat(33);
    expect(paramsOf({ name }).web_login).toBeUndefined();
    expect(textsOf(standard, { name })).toEqual([]);
  });

  it('holds for the API password, too', () => {
    expect(textsOf(standard, { web_password: '1', api_password: 'abcdefgh' })).toEqual([
      `Wrong value of web_password: ${tooShort}`,
      `Wrong value of web_password: ${noLetter}`,
      `Wrong value of api_password: ${noDigit}`,
    ]);
  });

  it('never repeats the password', () => {
    const texts = textsOf(standard, { web_password: 'acme!', api_password: 'hunter' }).join('\n');
    expect(texts).not.toMatch(/acme|hunter/);
  });
});

describe('Another password policy', () => {
  it('may allow anything', () => {
    expect(textsOf(lax, { web_password: ' ', api_password: 'Acme' })).toEqual([]);
  });

  it.each<[keyof PasswordPolicy, Partial<PasswordPolicy>, string]>([
    ['min_length', { min_length: 5 }, 'must have 5 or more characters'],
    ['needs_letter', { needs_letter: true }, noLetter],
    ['needs_digit', { needs_digit: true }, noDigit],
    ['needs_lower', { needs_lower: true }, 'must contain a small letter'],
    ['needs_upper', { needs_upper: true }, 'must contain a capital letter'],
    ['forbids_name_and_login', { forbids_name_and_login: true }, tellsName],
    ['forbidden', { forbidden: ['x', '?!'] }, 'contains a word that the password policy forbids'],
  ])('may ask for %s alone', (_rule, part, says) => {
    const changes = { name: '?', web_password: '???!' };
    expect(textsOf({ ...lax, ...part }, changes)).toEqual([`Wrong value of web_password: ${says}`]);
  });
});

describe('A policy of classes', () => {
  const classes = { ...lax, needs_lower: true, needs_upper: true, needs_special: true };

  it.each(['aB!', 'ЖжЯ 1', 'éÉ€'])(
    'accepts %j, which has a letter of each size and another character',
    (web_password) => {
      expect(textsOf(classes, { web_password })).toEqual([]);
    },
  );

  it('names each class that is missing', () => {
    expect(textsOf(classes, { web_password: 'ab1' })).toEqual([
      'Wrong value of web_password: must contain a capital letter',
      'Wrong value of web_password: must contain a character that is no letter and no digit',
    ]);
  });

  it('finds a forbidden word in small and capital letters, and does not repeat it', () => {
    const [text, ...others] = textsOf({ ...lax, forbidden: ['Secret'] }, { web_password: 'mySECRETword' });
    expect([text, others]).toEqual([
      'Wrong value of web_password: contains a word that the password policy forbids',
      [],
    ]);
  });
});

describe('The hash of a password', () => {
  const hash = createPasswordHasher({ memoryKib: 8, timeCost: 1 });

  it('is a PHC string of Argon2id with its parameters, and verifies that password alone', async () => {
    const hashed = await hash('pässword 1');
    expect(hashed).toMatch(/^\$argon2id\$v=19\$m=8,t=1,p=1\$[A-Za-z0-9+/]{22,}\$[A-Za-z0-9+/]{43}$/);
    expect(await verify(hashed, 'pässword 1')).toBe(true);
    expect(await verify(hashed, 'password 1')).toBe(false);
  });

  it('has a salt of its own', async () => {
    expect(await hash('same')).not.toBe(await hash('same'));
  });

  it('costs what was asked for', async () => {
    const dear = createPasswordHasher({ memoryKib: 64, timeCost: 3 });
    expect(await dear('x')).toContain('$m=64,t=3,p=1$');
  });
});
