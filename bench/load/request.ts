import { randomBytes } from 'node:crypto';
import { algorithmNamed, responseOf } from '../../api/digest.ts';
import { parseDigestChallenges, quote } from '../../api/digest-header.ts';
import { encodeCall } from '../../api/encode.ts';
import { ha1 } from '../../schemas/digest.ts';
import { allMembers } from '../../test/services/all-members.ts';

export interface Login {
  readonly user: string;
  readonly password: string;
}

const algorithm = 'SHA-256';
const cnonceBytes = 16;
const hexadecimal = 16;

/** Stand where each request has something else. The login has 32 characters at the most. */
const places = { unique: 'U'.repeat(24), count: 'C'.repeat(8), response: 'R'.repeat(64) };

/** The full call with its 62 members. */
function createBody({ agent, parent }: { readonly agent: number; readonly parent?: number }): string {
  const members = { ...allMembers(places.unique, agent), ...(parent === undefined ? {} : { i_wholesaler: parent }) };
  return encodeCall('createCustomer', [members]);
}

/** Answers a challenge with a header that has two places to fill in, and what fills in the second. */
function createAnswer(url: URL, challenges: readonly string[], { user, password }: Login) {
  const offered = parseDigestChallenges(challenges).find((one) => algorithmNamed(one.get('algorithm')) === algorithm);
  const [realm, nonce] = [offered?.get('realm'), offered?.get('nonce')];
  if (realm === undefined || nonce === undefined) throw new Error(`No challenge for ${algorithm}`);
  const secret = ha1(algorithm, { user, realm, password });
  const cnonce = randomBytes(cnonceBytes).toString('hex');
  const uri = url.pathname;
  const who = `username=${quote(user)}, realm=${quote(realm)}, nonce=${quote(nonce)}, uri=${quote(uri)}`;
  const proof = `qop=auth, nc=${places.count}, cnonce="${cnonce}", response="${places.response}"`;
  return {
    header: `Authorization: Digest ${who}, algorithm=${algorithm}, ${proof}\r\n`,
    responseTo: (nc: string) => responseOf(algorithm, secret, { method: 'POST', uri, nonce, nc, cnonce }),
  };
}

/** Every place of a text in bytes. */
function placesOf(text: string, bytes: Buffer): readonly number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + text.length)) found.push(at);
  return found;
}

/**
 * Makes the requests of one connection, each for a customer with a name of its own. All have the same length and stand in the same bytes,
 * for a load generator must be cheap: one request is sent once the one before it is answered.
 */
export function createRequests(
  url: URL,
  call: { readonly agent: number; readonly parent?: number; readonly nextUnique: () => string },
  login?: { readonly challenges: readonly string[]; readonly by: Login },
): () => Buffer {
  const answer = login && createAnswer(url, login.challenges, login.by);
  const body = createBody(call);
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  const head = `POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: text/xml\r\n${answer?.header ?? ''}`;
  const request = Buffer.from(`${head}${length}\r\n\r\n${body}`);
  const found = {
    unique: placesOf(places.unique, request),
    count: placesOf(places.count, request),
    response: placesOf(places.response, request),
  };
  let sent = 0;

  function fill(place: keyof typeof places, text: string): void {
    for (const at of found[place]) request.write(text, at, 'latin1');
  }

  return () => {
    sent += 1;
    fill('unique', call.nextUnique().padEnd(places.unique.length, 'x'));
    const count = sent.toString(hexadecimal).padStart(places.count.length, '0');
    fill('count', count);
    if (answer) fill('response', answer.responseTo(count));
    return request;
  };
}
