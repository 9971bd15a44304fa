import { describe, expect, it } from 'vitest';
import { algorithmNamed, challengeHeaders, responseOf, verifyResponse } from '../../api/digest.ts';
import { parseDigestCredentials } from '../../api/digest-header.ts';
import { type DigestAlgorithm, type Ha1s, ha1 } from '../../schemas/digest.ts';

const ha1s = (user: string, realm: string, password: string): Ha1s => ({
  MD5: ha1('MD5', { user, realm, password }),
  'SHA-256': ha1('SHA-256', { user, realm, password }),
});

describe('The published examples', () => {
  const rfc7616 = (algorithm: DigestAlgorithm, response: string) =>
    `Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=${algorithm}, ` +
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, ' +
    'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, ' +
    `response="${response}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;
  const rfc2617 =
    'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ' +
    'uri="/dir/index.html", qop=auth, nc=00000001, cnonce="0a4f113b", ' +
    'response="6629fae49393a05397450978507c4ef1", opaque="5ccc069c403ebaf9f0171e9517f40e41"';
  const verify = (header: string, secrets: Ha1s, password: 'right' | 'wrong' = 'right') => {
    const params = parseDigestCredentials(header) ?? new Map<string, string>();
    const ha1 = password === 'right' ? secrets : { MD5: '0'.repeat(32), 'SHA-256': '0'.repeat(64) };
    return verifyResponse({ params, method: 'GET', uri: '/dir/index.html', ha1 });
  };

  it.each([
    ['RFC 7616 section 3.9.1, MD5', rfc7616('MD5', '8ca523f5e9506fed4657c9700eebdbec')],
    [
      'RFC 7616 section 3.9.1, SHA-256',
      rfc7616('SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'),
    ],
  ])('of %s verify, and fail with another password', (_, header) => {
    const secrets = ha1s('Mufasa', 'http-auth@example.org', 'Circle of Life');
    expect(verify(header, secrets)).toBe(true);
    expect(verify(header, secrets, 'wrong')).toBe(false);
  });

  it('of RFC 2617 section 3.5, which names no algorithm, verify as MD5', () => {
    const secrets = ha1s('Mufasa', 'testrealm@host.com', 'Circle Of Life');
    expect(secrets.MD5).toBe('939e7578ed9e3c518a452acee763bce9');
    expect(verify(rfc2617, secrets)).toBe(true);
    expect(verify(rfc2617, secrets, 'wrong')).toBe(false);
  });
});

describe('A response', () => {
  const secrets = ha1s('root', 'xmlapi', 'secret 1');
  const signed = { method: 'POST', uri: '/xmlapi?a=1', nonce: 'n', nc: '0000000A', cnonce: 'c' };
  const paramsOf = (changes: Record<string, string | undefined> = {}) => {
    const { method: _, ...fields } = signed;
    const response = responseOf('SHA-256', secrets['SHA-256'], { ...signed, ...changes });
    const all = { ...fields, qop: 'auth', algorithm: 'SHA-256', response, ...changes };
    return new Map(
      Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
    );
  };
  const verify = (changes: Record<string, string | undefined>, request: { method?: string; uri?: string } = {}) =>
    verifyResponse({ params: paramsOf(changes), method: 'POST', uri: '/xmlapi?a=1', ha1: secrets, ...request });

  it('is accepted in upper-case hex, and the algorithm in any case', () => {
    expect(verify({ response: paramsOf().get('response')?.toUpperCase() })).toBe(true);
    expect(verify({ algorithm: 'sha-256' })).toBe(true);
  });

  it.each([
    ['no qop, as RFC 2069 had it', { qop: undefined }],
    ['auth-int', { qop: 'auth-int' }],
    ['a session algorithm', { algorithm: 'SHA-256-sess' }],
    ['an algorithm that was not offered', { algorithm: 'SHA-512-256' }],
    ['an algorithm named like a property of every object', { algorithm: 'constructor' }],
    ['no algorithm, which means MD5', { algorithm: undefined }],
    ['a count of seven digits', { nc: '0000001' }],
    ['a count of nine digits', { nc: '000000001' }],
    ['a count that is no number', { nc: '0000000g' }],
    ['an empty response', { response: '' }],
    ['no response', { response: undefined }],
    ['a response that is too long', { response: `${paramsOf().get('response')}0` }],
    ['a response of other characters', { response: 'é'.repeat(64) }],
    ['the target of another request', { uri: '/xmlapi?a=2' }],
    ['the target without its query', { uri: '/xmlapi' }],
    ['the target in another spelling', { uri: '/xmlapi?%61=1' }],
    ['a target of another scheme', { uri: 'ftp://host/xmlapi?a=1' }],
  ])('is refused with %s', (_, changes) => {
    expect(verify({})).toBe(true);
    expect(verify(changes)).toBe(false);
  });

  it.each(['nonce', 'uri', 'nc', 'cnonce'])('is refused without %s', (name) => {
    expect(verify({ response: paramsOf().get('response'), [name]: undefined })).toBe(false);
  });

  it('is refused for another method or another target than the one that was signed', () => {
    expect(verify({}, { method: 'GET' })).toBe(false);
    expect(verify({}, { method: 'post' })).toBe(false);
    expect(verify({}, { uri: '/RPC2' })).toBe(false);
  });

  it('may name its target in absolute form, and the request line may too', () => {
    expect(verify({ uri: 'http://host:8080/xmlapi?a=1' })).toBe(true);
    expect(verify({ uri: 'HTTPS://host/xmlapi?a=1' })).toBe(true);
    expect(verify({}, { uri: 'http://host/xmlapi?a=1' })).toBe(true);
    expect(verify({ uri: 'http://host' }, { uri: '/' })).toBe(true);
    expect(verify({ uri: 'http://host?a=1' }, { uri: '/?a=1' })).toBe(true);
    expect(verify({ uri: 'http://host/xmlapi?a=2' })).toBe(false);
  });
});

describe('The algorithms', () => {
  it('are MD5 when none is named, and no others than MD5 and SHA-256', () => {
    expect(algorithmNamed()).toBe('MD5');
    expect(algorithmNamed('md5')).toBe('MD5');
    expect(algorithmNamed('Sha-256')).toBe('SHA-256');
    expect(algorithmNamed('')).toBeUndefined();
    expect(algorithmNamed('MD5-sess')).toBeUndefined();
  });
});

describe('The challenge', () => {
  it('comes twice, MD5 first, and its fields begin with the realm', () => {
    expect(challengeHeaders({ realm: 'xmlapi', nonce: 'abc', stale: false })).toEqual([
      'Digest realm="xmlapi", nonce="abc", qop="auth", algorithm=MD5',
      'Digest realm="xmlapi", nonce="abc", qop="auth", algorithm=SHA-256',
    ]);
  });

  it('says that a nonce was stale only when it was', () => {
    expect(challengeHeaders({ realm: 'xmlapi', nonce: 'abc', stale: true })).toEqual([
      'Digest realm="xmlapi", nonce="abc", qop="auth", algorithm=MD5, stale=true',
      'Digest realm="xmlapi", nonce="abc", qop="auth", algorithm=SHA-256, stale=true',
    ]);
  });

  it('escapes quotes in the realm', () => {
    expect(challengeHeaders({ realm: 'a"b\\', nonce: 'n', stale: false })[0]).toContain(String.raw`realm="a\"b\\", `);
  });
});
