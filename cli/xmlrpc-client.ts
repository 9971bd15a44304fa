import { decodeBody } from '../api/charset.ts';
import { type Answer, decodeResponse } from '../api/decode.ts';
import { encodeCall } from '../api/encode.ts';
import { answerChallenge } from './digest-client.ts';
import { OperatorError } from './operator-error.ts';

export interface RemoteCall {
  readonly url: string;
  readonly method: string;
  readonly params: readonly Readonly<Record<string, string>>[];
  /** Without them the call is made as a trusted host. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

type Headers = Readonly<Record<string, string>>;

async function post(url: URL, body: string, headers: Headers): Promise<Response> {
  try {
    return await fetch(url, { method: 'POST', body, headers: { 'Content-Type': 'text/xml', ...headers } });
  } catch (error) {
    const { cause } = error as { cause?: { code?: string; message?: string } };
    throw new OperatorError(
      `${url.origin} does not answer (${cause?.code ?? cause?.message}): is the service running?`,
    );
  }
}

function authorize(challenged: Response, url: URL, { user, password }: RemoteCall): Headers {
  if (user === undefined || password === undefined) {
    throw new OperatorError('The service asks for a login: give --user and --password.');
  }
  const challenges = [challenged.headers.get('www-authenticate') ?? ''];
  const uri = url.pathname + url.search;
  const authorization = answerChallenge({ challenges, user, password, method: 'POST', uri });
  if (authorization === undefined) throw new OperatorError('The service asks for another login than HTTP Digest.');
  return { Authorization: authorization };
}

/**
 * Calls a method over XML-RPC, with HTTP Digest when the service asks for it.
 * @throws OperatorError when the service does not answer, or not with XML-RPC
 */
export async function callRemote(call: RemoteCall): Promise<Answer> {
  const url = new URL(call.url);
  const body = encodeCall(call.method, call.params);
  const headers: Headers = call.idempotencyKey === undefined ? {} : { 'Idempotency-Key': call.idempotencyKey };
  let response = await post(url, body, headers);
  if (response.status === 401) response = await post(url, body, { ...headers, ...authorize(response, url, call) });
  if (response.status === 401) throw new OperatorError('User or password is wrong.');
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) {
    throw new OperatorError(`The service answered HTTP ${response.status}: ${bytes.toString('utf8').trim()}`);
  }
  return decodeResponse(decodeBody(bytes, response.headers.get('content-type') ?? undefined));
}
