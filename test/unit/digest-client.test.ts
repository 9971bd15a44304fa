import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { challengeHeaders, createDigestCheck } from '../../api/digest.ts';
import { parseDigestCredentials } from '../../api/digest-header.ts';
import { createNonces } from '../../api/nonce.ts';
import { answerChallenge } from '../../cli/digest-client.ts';
import { ha1 } from '../../schemas/digest.ts';

const login = { user: 'root', password: 'secret', method: 'POST', uri: '/xmlapi/xmlapi' };
const [md5 = '', sha256 = ''] = challengeHeaders({ realm: 'xmlapi', nonce: 'n', stale: false });
const answerTo = (...challenges: string[]) => {
  const header = answerChallenge({ ...login, challenges });
  return header && Object.fromEntries(parseDigestCredentials(header) ?? []);
};

describe('The Digest client', () => {
  it('reproduces the answer of RFC 7616 section 3.9.1', () => {
    const challenge = (algorithm: string) =>
      `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
      'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
    const answer = (...challenges: string[]) =>
      answerChallenge({
        challenges,
        user: 'Mufasa',
        password: 'Circle of Life',
        method: 'GET',
        uri: '/dir/index.html',
        cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
      });
    expect(answer(challenge('MD5'))).toContain('response="8ca523f5e9506fed4657c9700eebdbec"');
    expect(answer(challenge('SHA-256'), challenge('MD5'))).toBe(
      'Digest username="Mufasa", realm="http-auth@example.org", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", ' +
        'uri="/dir/index.html", algorithm=SHA-256, qop=auth, nc=00000001, ' +
        'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", ' +
        'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", ' +
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
    );
  });

  it('prefers SHA-256, whatever the order and however the challenges arrive', () => {
    expect(answerTo(md5, sha256)).toMatchObject({ algorithm: 'SHA-256' });
    expect(answerTo(sha256, md5)).toMatchObject({ algorithm: 'SHA-256' });
    expect(answerTo(`Basic realm="x", ${md5}, ${sha256}`)).toMatchObject({ algorithm: 'SHA-256' });
  });

  it('uses MD5 when nothing better is offered, and names no algorithm when the server named none', () => {
    expect(answerTo(md5)).toMatchObject({ algorithm: 'MD5' });
    expect(answerTo('Digest realm="r", nonce="n", algorithm=SHA-512-256, qop="auth"', md5)).toMatchObject({
      algorithm: 'MD5',
    });
    expect(answerTo('Digest realm="r", nonce="n", qop="auth"')).not.toHaveProperty('algorithm');
  });

  it('gives an opaque value back and makes up none', () => {
    expect(answerTo(`${md5}, opaque="a\\"b"`)).toMatchObject({ opaque: 'a"b' });
    expect(answerTo(md5)).not.toHaveProperty('opaque');
  });

  it('counts requests in eight hex digits and never repeats a client nonce', () => {
    expect(answerTo(md5)).toMatchObject({ nc: '00000001' });
    expect(answerChallenge({ ...login, challenges: [md5], nc: 0xab12 })).toContain('nc=0000ab12');
    expect(answerTo(md5)).not.toEqual(answerTo(md5));
  });

  it.each([
    ['there is no challenge', []],
    ['none is Digest', ['Basic realm="x"', 'Negotiate']],
    ['the challenge is malformed', ['Digest realm="r', 'Digest']],
    ['there is no qop', ['Digest realm="r", nonce="n"']],
    ['qop is auth-int alone', ['Digest realm="r", nonce="n", qop="auth-int"']],
    ['the algorithm is unknown', ['Digest realm="r", nonce="n", qop="auth", algorithm=MD5-sess']],
    ['there is no nonce', ['Digest realm="r", qop="auth"']],
    ['there is no realm', ['Digest nonce="n", qop="auth"']],
  ])('gives no answer when %s', (_, challenges) => {
    expect(answerTo(...challenges)).toBeUndefined();
  });

  it('is accepted by our server for any printable user, password and client nonce, with either algorithm', async () => {
    const lifetimeMs = 300_000;
    const nonces = createNonces({ keys: [Buffer.alloc(32)], lifetimeMs });
    const text = fc.string({ unit: 'grapheme-ascii' });
    const offered = fc.constantFrom(['MD5'], ['SHA-256'], ['MD5', 'SHA-256']);
    const call = fc.record({ user: text, password: text, cnonce: text, offered });
    await fc.assert(
      fc.asyncProperty(call, async ({ user, password, cnonce, offered }) => {
        const realm = 'xmlapi';
        const secret = { user, realm, password };
        const credential = { ha1: { MD5: ha1('MD5', secret), 'SHA-256': ha1('SHA-256', secret) } };
        const find = async (name: string) => (name === user ? credential : undefined);
        const credentials = { find, recall: () => undefined };
        const { check } = createDigestCheck({ realm, nonces, claim: async () => true, credentials });
        const headers = challengeHeaders({ realm, nonce: nonces.issue(), stale: false });
        const challenges = headers.filter((header) => offered.some((name) => header.endsWith(name)));
        const request = { challenges, user, cnonce, method: 'POST', uri: '/RPC2' };
        const authorization = answerChallenge({ ...request, password });
        expect(
          await check({ params: parseDigestCredentials(authorization ?? ''), method: 'POST', url: '/RPC2' }),
        ).toEqual({
          outcome: 'ok',
          user,
          credential,
          isFirst: expect.any(Promise),
        });
        const wrong = answerChallenge({ ...request, password: `${password}x` });
        expect(
          await check({ params: parseDigestCredentials(wrong ?? ''), method: 'POST', url: '/RPC2' }),
        ).toMatchObject({ stale: false });
      }),
    );
  });
});
