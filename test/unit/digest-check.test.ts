import { describe, expect, it, vi } from 'vitest';
import { challengeHeaders, createDigestCheck, responseOf } from '../../api/digest.ts';
import { parseDigestCredentials } from '../../api/digest-header.ts';
import { createNonces } from '../../api/nonce.ts';
import { answerChallenge } from '../../cli/digest-client.ts';
import { type Ha1s, ha1 } from '../../schemas/digest.ts';

const ha1s = (user: string, realm: string, password: string): Ha1s => ({
  MD5: ha1('MD5', { user, realm, password }),
  'SHA-256': ha1('SHA-256', { user, realm, password }),
});

interface Found {
  readonly id: number;
  readonly ha1: Ha1s;
}

/** The check of a whole header, as it came in, with the answer of the replay guard. */
function checkOf<T extends { readonly ha1: Ha1s }>(parts: Parameters<typeof createDigestCheck<T>>[0]) {
  const { check } = createDigestCheck(parts);
  return {
    async check({
      authorization = '',
      ...request
    }: {
      authorization: string | undefined;
      method: string;
      url: string;
    }) {
      const result = await check({ ...request, params: parseDigestCredentials(authorization) });
      if (result.outcome !== 'ok') return result;
      const { isFirst, ...known } = result;
      return (await isFirst) ? known : { outcome: 'challenge', stale: true };
    },
  };
}

const storeOf = <T>(found: T) => ({ find: async () => found, recall: () => undefined });

describe('The check of a request', () => {
  const realm = 'xmlapi';
  const lifetimeMs = 300_000;
  const keys = [Buffer.alloc(32, 7)];
  const request = { method: 'POST', url: '/xmlapi/xmlapi' };
  const user = 'root';
  const password = 'secret 1';

  const setUp = (
    look = async (name: string): Promise<Found | undefined> =>
      name === user ? { id: 1, ha1: ha1s(user, realm, password) } : undefined,
  ) => {
    const clock = { nowMs: Date.UTC(2026, 0, 1) };
    const now = () => clock.nowMs;
    const nonces = createNonces({ keys, lifetimeMs, now });
    const find = vi.fn(look);
    const claims = new Set<string>();
    const claim = vi.fn(async (used: string, nc: string) => claims.size < claims.add(used + nc).size);
    const remembered = new Map<string, Found>();
    const credentials = { find, recall: (name: string) => remembered.get(name) };
    const { check } = checkOf({ realm, nonces, claim, credentials });
    const answer = (changes: Partial<Parameters<typeof answerChallenge>[0]> = {}) =>
      answerChallenge({
        challenges: challengeHeaders({ realm, nonce: nonces.issue(), stale: false }),
        user,
        password,
        method: request.method,
        uri: request.url,
        ...changes,
      });
    return { check, answer, find, remembered, claim, clock, nonces };
  };
  const refused = { outcome: 'challenge', stale: false };
  const stale = { outcome: 'challenge', stale: true };

  it('tells who called and hands over what was found', async () => {
    const { check, answer } = setUp();
    const found = await check({ ...request, authorization: answer() });
    expect(found).toEqual({ outcome: 'ok', user, credential: { id: 1, ha1: ha1s(user, realm, password) } });
  });

  it('knows names with quotes, backslashes and characters beyond ASCII', async () => {
    const odd = 'a "quoted\\" naïve € name,=';
    const { check, answer } = setUp(async (name) =>
      name === odd ? { id: 2, ha1: ha1s(odd, realm, 'pässword') } : undefined,
    );
    expect(await check({ ...request, authorization: answer({ user: odd, password: 'pässword' }) })).toMatchObject({
      user: odd,
    });
  });

  it('challenges a request without the header, and one with a header of another kind', async () => {
    const { check, find } = setUp();
    for (const authorization of [undefined, '', 'Basic cm9vdDpzZWNyZXQ=', 'Digest', 'Digest username="root'])
      expect(await check({ ...request, authorization })).toEqual(refused);
    expect(find).not.toHaveBeenCalled();
  });

  it('answers an unknown user as it answers a wrong password, after the same look-up and without a claim', async () => {
    const { check, answer, find, claim } = setUp();
    expect(await check({ ...request, authorization: answer({ password: 'secret 2' }) })).toEqual(refused);
    expect(await check({ ...request, authorization: answer({ user: 'nobody' }) })).toEqual(refused);
    expect(find.mock.calls).toEqual([['root'], ['nobody']]);
    expect(claim).not.toHaveBeenCalled();
  });

  it('lets somebody in whom it remembers, without a look-up', async () => {
    const { check, answer, find, remembered } = setUp();
    remembered.set(user, { id: 1, ha1: ha1s(user, realm, password) });
    expect(await check({ ...request, authorization: answer() })).toMatchObject({ outcome: 'ok', user });
    expect(find).not.toHaveBeenCalled();
  });

  it('looks a remembered user up before it refuses: a changed password is good at once, and time tells nothing', async () => {
    const { check, answer, find, remembered } = setUp();
    remembered.set(user, { id: 1, ha1: ha1s(user, realm, 'the password before') });
    expect(await check({ ...request, authorization: answer() })).toMatchObject({ outcome: 'ok', user });
    expect(await check({ ...request, authorization: answer({ password: 'wrong' }) })).toEqual(refused);
    expect(find.mock.calls).toEqual([['root'], ['root']]);
  });

  it('compares user names byte by byte', async () => {
    const { check, answer } = setUp();
    for (const name of ['Root', 'root ', ' root', ''])
      expect(await check({ ...request, authorization: answer({ user: name }) })).toEqual(refused);
  });

  it('refuses an unknown user also when the response was made from the stand-in for its secret', async () => {
    const { check, nonces } = setUp();
    const signed = { method: 'POST', uri: request.url, nonce: nonces.issue(), nc: '00000001', cnonce: 'c' };
    const response = responseOf('MD5', '0'.repeat(32), signed);
    const authorization =
      `Digest username="nobody", realm="xmlapi", nonce="${signed.nonce}", uri="${request.url}", qop=auth, ` +
      `nc=00000001, cnonce="c", response="${response}"`;
    expect(await check({ ...request, authorization })).toEqual(refused);
  });

  it('refuses a forged nonce and another realm before anyone is looked up', async () => {
    const { check, answer, find } = setUp();
    const foreign = createNonces({ keys: [Buffer.alloc(32, 8)], lifetimeMs }).issue();
    const challenges = challengeHeaders({ realm, nonce: foreign, stale: false });
    expect(await check({ ...request, authorization: answer({ challenges }) })).toEqual(refused);
    const otherRealm = answer()?.replace('realm="xmlapi"', 'realm="other"');
    expect(await check({ ...request, authorization: otherRealm })).toEqual(refused);
    expect(find).not.toHaveBeenCalled();
  });

  it('refuses a nonce of another key, and accepts one of an older key that it still has', async () => {
    const { check, answer } = setUp();
    const rotated = createNonces({ keys: [Buffer.alloc(32, 9), ...keys], lifetimeMs });
    const older = checkOf({
      realm,
      nonces: rotated,
      claim: async () => true,
      credentials: storeOf({ ha1: ha1s(user, realm, password) }),
    });
    const challenges = challengeHeaders({ realm, nonce: createNonces({ keys, lifetimeMs }).issue(), stale: false });
    expect(await older.check({ ...request, authorization: answer({ challenges }) })).toMatchObject({ outcome: 'ok' });
    const newer = challengeHeaders({ realm, nonce: rotated.issue(), stale: false });
    expect(await check({ ...request, authorization: answer({ challenges: newer }) })).toEqual(refused);
  });

  it('calls an expired nonce stale when the password was right, and only then', async () => {
    const { check, answer, claim, clock } = setUp();
    const [right, wrong, unknown] = [answer(), answer({ password: 'no' }), answer({ user: 'nobody' })];
    clock.nowMs += lifetimeMs + 1;
    expect(await check({ ...request, authorization: right })).toEqual(stale);
    expect(await check({ ...request, authorization: wrong })).toEqual(refused);
    expect(await check({ ...request, authorization: unknown })).toEqual(refused);
    expect(claim).not.toHaveBeenCalled();
  });

  it('accepts a request once, calls its replay stale, and lets the nonce serve again under another count', async () => {
    const { check, answer, nonces } = setUp();
    const challenges = challengeHeaders({ realm, nonce: nonces.issue(), stale: false });
    const authorization = answer({ challenges });
    expect(await check({ ...request, authorization })).toMatchObject({ outcome: 'ok' });
    expect(await check({ ...request, authorization })).toEqual(stale);
    expect(await check({ ...request, authorization: answer({ challenges, nc: 0 }) })).toMatchObject({ outcome: 'ok' });
    expect(await check({ ...request, authorization: answer({ challenges, nc: 255 }) })).toMatchObject({
      outcome: 'ok',
    });
  });

  it('accepts one of many copies that arrive at once', async () => {
    const { check, answer } = setUp();
    const authorization = answer();
    const results = await Promise.all(Array.from({ length: 20 }, () => check({ ...request, authorization })));
    expect(results.filter(({ outcome }) => outcome === 'ok')).toHaveLength(1);
  });

  it('waits for a replay guard that answers later', async () => {
    const { answer, nonces } = setUp();
    const { check } = checkOf({
      realm,
      nonces,
      claim: async () => false,
      credentials: storeOf({ ha1: ha1s(user, realm, password) }),
    });
    expect(await check({ ...request, authorization: answer() })).toEqual(stale);
  });

  it('says who called while the replay guard still looks', async () => {
    const { answer, nonces } = setUp();
    const found = { ha1: ha1s(user, realm, password) };
    const { check } = createDigestCheck({
      realm,
      nonces,
      claim: () => new Promise(() => {}),
      credentials: storeOf(found),
    });
    const params = parseDigestCredentials(answer() ?? '');
    expect(await check({ ...request, params })).toMatchObject({ outcome: 'ok', credential: found });
  });

  it('refuses a header that was made for another method or target', async () => {
    const { check, answer } = setUp();
    expect(await check({ ...request, authorization: answer({ method: 'GET' }) })).toEqual(refused);
    expect(await check({ ...request, authorization: answer({ uri: '/RPC2' }) })).toEqual(refused);
    expect(await check({ ...request, url: '/xmlapi/xmlapi?dry_run=1', authorization: answer() })).toEqual(refused);
  });

  it('passes on the failure of a look-up', async () => {
    const { check, answer } = setUp(async () => {
      throw new Error('database is gone');
    });
    await expect(check({ ...request, authorization: answer() })).rejects.toThrow('database is gone');
  });
});
