import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDigestChallenges, parseDigestCredentials, quote } from '../../api/digest-header.ts';

const read = (value: string) => {
  const params = parseDigestCredentials(value);
  return params && Object.fromEntries(params);
};

describe('Digest credentials', () => {
  it('are read from tokens and quoted strings alike', () => {
    expect(read('Digest username="Mufasa", qop=auth, nc="00000001", algorithm="MD5"')).toEqual({
      username: 'Mufasa',
      qop: 'auth',
      nc: '00000001',
      algorithm: 'MD5',
    });
  });

  it('may have white space and empty elements wherever the grammar allows them', () => {
    expect(read('Digest   ,, a=1 ,\t b\t= \t"2",,c=3 , ')).toEqual({ a: '1', b: '2', c: '3' });
  });

  it('are found under any case of the scheme and of a parameter name', () => {
    expect(read('dIGEST UserName="Mufasa"')).toEqual({ username: 'Mufasa' });
  });

  it('keep unknown parameters', () => {
    expect(read('Digest x-new="y", realm="r"')).toEqual({ 'x-new': 'y', realm: 'r' });
  });

  it('lose the backslashes of a quoted string, and commas and equals signs in it are text', () => {
    expect(read(String.raw`Digest username="a\"b\\c\d, realm=\"x\"", realm=""`)).toEqual({
      username: String.raw`a"b\cd, realm="x"`,
      realm: '',
    });
  });

  it('are read as UTF-8 from the bytes of the header', () => {
    const header = Buffer.from('Digest username="Zoë €"', 'utf8').toString('latin1');
    expect(read(header)).toEqual({ username: 'Zoë €' });
  });

  it('may name a parameter like a property of every object', () => {
    const params = parseDigestCredentials('Digest __proto__="x", constructor=y');
    expect([...(params ?? [])]).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });

  it.each([
    ['an empty value', ''],
    ['another scheme', 'Basic dXNlcjpwYXNz'],
    ['a scheme that only begins with the word', 'DigestX a=1'],
    ['a tab after the scheme', 'Digest\ta=1'],
    ['the scheme alone', 'Digest'],
    ['a token68 in place of parameters', 'Digest dXNlcjpwYXNz=='],
    ['a token68 before the parameters', 'Digest dXNlcjpwYXNz==, a=1'],
    ['a word before the parameters', 'Digest please a=1'],
    ['two schemes', 'Digest a=1, Basic b=2'],
    ['a second Digest', 'Digest a=1, Digest b=2'],
    ['a parameter given twice', 'Digest a=1, a=1'],
    ['a parameter given twice in another case', 'Digest a=1, A="1"'],
    ['a parameter without a value', 'Digest a=1, b='],
    ['a parameter without a name', 'Digest ="x"'],
    ['no comma between two parameters', 'Digest a="1" b="2"'],
    ['text after a quoted string', 'Digest a="1"x'],
    ['an open quote', 'Digest a="1'],
    ['a quote that is closed only by an escape', String.raw`Digest a="1\"`],
    ['a lone backslash at the end', 'Digest a="1\\'],
    ['a value that is neither token nor quoted', 'Digest uri=/xmlapi'],
    ['single quotes around a value with a slash', "Digest uri='/xmlapi'"],
    ['a semicolon as separator', 'Digest a=1; b=2'],
    ['a control character', 'Digest a="\u0001"'],
    ['a line break', 'Digest a="1",\r\n b="2"'],
    ['bytes that are not UTF-8', 'Digest username="Zo\u00eb"'],
    ['characters that are no bytes', 'Digest username="€"'],
  ])('are refused with %s', (_, value) => {
    expect(parseDigestCredentials(value)).toBeUndefined();
  });

  it.each([
    ['an open quote', `Digest a="${'x'.repeat(1_000_000)}`],
    ['an open quote behind escapes', `Digest a="${String.raw`\"`.repeat(500_000)}`],
    ['commas', `Digest ${','.repeat(1_000_000)}"`],
    ['commas and spaces', `Digest ${' ,\t'.repeat(300_000)}"`],
    ['white space before something wrong', `Digest a${' \t'.repeat(500_000)}b`],
    ['white space after the scheme', `Digest ${' '.repeat(1_000_000)}"`],
    ['equals signs', `Digest a${'='.repeat(1_000_000)}"`],
    ['schemes', `Digest a=1${', x y'.repeat(200_000)}`],
    ['one parameter, again and again', `Digest ${'a=1,'.repeat(250_000)}`],
  ])('of a million characters of %s are refused before the test times out', (_, value) => {
    expect(parseDigestCredentials(value)).toBeUndefined();
  });

  it('of a hundred thousand parameters are all read', () => {
    const fields = Array.from({ length: 100_000 }, (_, index) => `p${index}="\\a"`);
    expect(parseDigestCredentials(`Digest ${fields.join(', ')}`)?.size).toBe(100_000);
  });

  it('never make the parser throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aD ,="\\\t/=é\u0000€') }), (text) => {
        parseDigestCredentials(`Digest ${text}`);
        parseDigestChallenges([text]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are what is read from the same text as a challenge, however it is written', () => {
    const name = fc.constantFrom('a', 'Realm', 'NC', 'p1', 'Digest', 'Basic');
    const value = fc.constantFrom(
      '1',
      '"',
      '""',
      '"x, y=z"',
      '" \t!#[]~"',
      '"\\""',
      '"\u00c3\u00ab"',
      '"\u00eb"',
      "'x'",
      '/x',
      'a==',
      '',
    );
    const space = fc.constantFrom('', '', ' ', '\t', '  ');
    const field = fc.tuple(space, name, space, fc.constantFrom('=', '=', '=', ' ', ''), space, value, space);
    const fields = fc.array(field, { maxLength: 4 }).map((list) => list.map((parts) => parts.join('')).join(','));
    let accepted = 0;
    fc.assert(
      fc.property(fc.constantFrom('Digest ', 'digest  ', 'Digest\t'), fields, (scheme, rest) => {
        const params = parseDigestCredentials(scheme + rest);
        if (params === undefined) return;
        accepted += 1;
        expect(parseDigestChallenges([scheme + rest])).toEqual([params]);
      }),
      { numRuns: 20_000 },
    );
    expect(accepted).toBeGreaterThan(1000);
  });

  it('give back any text that was written with quote()', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!/\p{Cc}/u.test(text));
        expect(read(`Digest username=${quote(text)}, realm=${quote(text)}`)).toEqual({ username: text, realm: text });
      }),
    );
  });
});

describe('Digest challenges', () => {
  const challenges = (...values: string[]) => parseDigestChallenges(values).map((params) => Object.fromEntries(params));
  const md5 = { realm: 'r', qop: 'auth,auth-int', algorithm: 'MD5' };
  const sha256 = { realm: 'r', qop: 'auth', algorithm: 'SHA-256' };
  const md5Text = 'Digest realm="r", qop="auth,auth-int", algorithm=MD5';
  const sha256Text = 'Digest realm="r",qop="auth",algorithm=SHA-256';

  it('are read from a header line each', () => {
    expect(challenges(md5Text, sha256Text)).toEqual([md5, sha256]);
  });

  it('are read from one line, joined by commas', () => {
    expect(challenges(`${md5Text}, ${sha256Text}`)).toEqual([md5, sha256]);
    expect(challenges(`,${md5Text},,${sha256Text},`)).toEqual([md5, sha256]);
  });

  it('are found among those of other schemes', () => {
    const line = `Basic realm="x", Negotiate, NTLM TlRMTVNTUAAC==, ${md5Text}, Bearer abc/def+=, ${sha256Text}, Negotiate`;
    expect(challenges(line)).toEqual([md5, sha256]);
  });

  it('are not looked for in the quoted text of another scheme', () => {
    expect(challenges('Basic realm="Digest realm=x, Digest nonce=y"')).toEqual([]);
  });

  it('are skipped with their whole line when it is malformed, and other lines still count', () => {
    expect(challenges('Digest realm="r', sha256Text)).toEqual([sha256]);
    expect(challenges('realm="r"', 'Digest a=1, a=2', md5Text)).toEqual([md5]);
  });
});
