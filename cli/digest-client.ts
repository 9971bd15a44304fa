import { randomBytes } from 'node:crypto';
import { algorithmNamed, responseOf } from '../api/digest.ts';
import { type DigestParams, parseDigestChallenges, quote } from '../api/digest-header.ts';
import { type DigestAlgorithm, ha1 } from '../schemas/digest.ts';

interface UsableChallenge {
  readonly algorithm: DigestAlgorithm;
  /** As the server spelled it, to be given back; absent when the server named none. */
  readonly algorithmName: string | undefined;
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
}

const cnonceBytes = 16;
const ncDigits = 8;

/**
 * Answers the challenge of a 401 (RFC 7616 section 3.4) with the value of an `Authorization` header. `challenges` are the values of the
 * `WWW-Authenticate` headers, one by one or joined by commas; SHA-256 is preferred, else the first usable one is taken. `method` and `uri`
 * are those of the request line. `nc` counts the requests made with this nonce and begins at 1, the default; `cnonce` is random by default.
 * Undefined when there is no Digest challenge with `qop="auth"` and MD5 or SHA-256.
 */
export function answerChallenge(request: {
  readonly challenges: readonly string[];
  readonly user: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  readonly cnonce?: string;
  readonly nc?: number;
}): string | undefined {
  const {
    challenges,
    user,
    password,
    method,
    uri,
    cnonce = randomBytes(cnonceBytes).toString('hex'),
    nc = 1,
  } = request;
  const usable = parseDigestChallenges(challenges).flatMap((params) => readChallenge(params) ?? []);
  const chosen = usable.find(({ algorithm }) => algorithm === 'SHA-256') ?? usable[0];
  if (chosen === undefined) return undefined;
  const { algorithm, algorithmName, realm, nonce, opaque } = chosen;
  const count = nc.toString(16).padStart(ncDigits, '0');
  const secret = ha1(algorithm, { user, realm, password });
  const fields = [
    `username=${quote(user)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
    ...(algorithmName === undefined ? [] : [`algorithm=${algorithmName}`]),
    `qop=auth, nc=${count}, cnonce=${quote(cnonce)}`,
    `response="${responseOf(algorithm, secret, { method, uri, nonce, nc: count, cnonce })}"`,
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
  ];
  return `Digest ${fields.join(', ')}`;
}

function readChallenge(params: DigestParams): UsableChallenge | undefined {
  const algorithmName = params.get('algorithm');
  const algorithm = algorithmNamed(algorithmName);
  const realm = params.get('realm');
  const nonce = params.get('nonce');
  const qops = (params.get('qop') ?? '').split(',').map((qop) => qop.trim().toLowerCase());
  if (algorithm === undefined || realm === undefined || nonce === undefined || !qops.includes('auth')) return undefined;
  return { algorithm, algorithmName, realm, nonce, opaque: params.get('opaque') };
}
