import { describe, expect, it } from 'vitest';
import { fromJson } from '../../schemas/convert.ts';
import { createParameterCheck } from '../../schemas/validate.ts';

const check = createParameterCheck();
const mandatory = { i_tariff: 1, name: 'Acme', web_password: 'pass word 1' };

type Json = Readonly<Record<string, unknown>>;

const checkWith = (changes: Json) =>
  check(new Map(Object.entries({ ...mandatory, ...changes }).map(([name, value]) => [name, fromJson(value)])));
const problemsOf = (checked: ReturnType<typeof check>) => (checked.ok ? [] : checked.problems);
const textsOf = (checked: ReturnType<typeof check>) => problemsOf(checked).map(({ text }) => text);

describe('The login', () => {
  const loginOf = (changes: Json) => {
    const checked = checkWith(changes);
    return checked.ok ? (checked.params.web_login ?? 'none') : textsOf(checked);
  };
  const access = { api_access: 1, api_password: 'pass word 2' };
  const required = ['Parameter web_login is required'];
  const noAscii = 'must be printable ASCII without quotes, backslashes and white space when api_access is 1';

  it.each<[string, unknown]>([
    ['x'.repeat(32), 'x'.repeat(32)],
    ['x'.repeat(33), 'none'],
    ['Acme: Ltd', 'none'],
    ['Müller & Söhne', 'Müller & Söhne'],
  ])('of a customer named "%s" without one is %s', (name, login) => {
    expect(loginOf({ name })).toEqual(login);
  });

  it.each<[string, unknown]>([
    ['acme', 'acme'],
    ['!#$~', '!#$~'],
    ['acme:ltd', required],
    ['x'.repeat(33), required],
    ['acme ltd', required],
    ['müller', required],
    ['a"b', required],
    ['a\\b', required],
  ])('of a customer named "%s" who may call the API is %s', (name, login) => {
    expect(loginOf({ name, ...access })).toEqual(login);
  });

  it.each(['acme ltd', 'müller', 'a"b', 'a\\b'])('"%s" serves only who may not call the API', (web_login) => {
    expect(loginOf({ web_login })).toBe(web_login);
    expect(loginOf({ web_login, ...access })).toEqual([`Wrong value of web_login: ${noAscii}`]);
    expect(loginOf({ web_login, ...access, api_access: 0 })).toBe(web_login);
  });

  it('that is wrong is not replaced by the name', () => {
    expect(loginOf({ web_login: 'a:b' })).toEqual(['Wrong value of web_login: must not contain a colon']);
    expect(loginOf({ web_login: [] })).toEqual(['Wrong value of web_login: must be a single value, not an array']);
  });

  it('is not asked of a customer whose name is wrong in itself', () => {
    expect(loginOf({ name: [], ...access })).toHaveLength(1);
  });
});

describe('API access', () => {
  it.each([1, true, '1', 1.0])('sent as %j needs an API password', (api_access) => {
    expect(textsOf(checkWith({ api_access }))).toEqual(['Parameter api_password is required']);
    expect(textsOf(checkWith({ api_access, api_password: '' }))).toEqual(['Parameter api_password is required']);
    expect(checkWith({ api_access, api_password: 'x' })).toMatchObject({ ok: true, params: { api_access: 1 } });
  });

  it('needs no API password that was given, but wrong', () => {
    const texts = textsOf(checkWith({ api_access: 1, api_password: [] }));
    expect(texts).toEqual(['Wrong value of api_password: must be a single value, not an array']);
  });

  it('that is not given or refused needs none', () => {
    expect(checkWith({ api_access: 0 }).ok).toBe(true);
    expect(problemsOf(checkWith({ api_access: 'yes' })).map(({ member }) => member)).toEqual(['api_access']);
  });
});
