import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
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

interface Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function send(url: URL, body: string, headers: Headers): Promise<Response> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers: { 'Content-Type': 'text/xml', ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function post(url: URL, body: string, headers: Headers): Promise<Response> {
  try {
    return await send(url, body, headers);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_INVALID_CHAR') throw new OperatorError('The idempotency key must be visible ASCII characters.');
    throw new OperatorError(`${url.origin} does not answer (${code ?? message}): is the service running there?`);
  }
}

function authorize(challenged: Response, url: URL, { user, password }: RemoteCall): Headers {
  if (user === undefined || password === undefined) {
    throw new OperatorError('The service asks for a login: give --user and --password.');
  }
  const challenges = [challenged.headers['www-authenticate'] ?? ''];
  const uri = url.pathname + url.search;
  const authorization = answerChallenge({ challenges, user, password, method: 'POST', uri });
  if (authorization === undefined) throw new OperatorError('The service asks for another login than HTTP Digest.');
  return { Authorization: authorization };
}

/** With a login, an empty request comes first, to be challenged: a trusted address would take the call without it. */
async function exchange(call: RemoteCall, url: URL, body: string): Promise<Response> {
  const headers: Headers = call.idempotencyKey === undefined ? {} : { 'Idempotency-Key': call.idempotencyKey };
  const first = await post(url, call.user === undefined ? body : '', headers);
  if (first.status !== 401) return first;
  return post(url, body, { ...headers, ...authorize(first, url, call) });
}

function encode({ method, params }: RemoteCall): string {
  try {
    return encodeCall(method, params);
  } catch (error) {
    throw new OperatorError(`The call cannot be written as XML-RPC: ${(error as Error).message}.`);
  }
}

function decode({ body, headers }: Response): Answer {
  try {
    return decodeResponse(decodeBody(body, headers['content-type']));
  } catch (error) {
    throw new OperatorError(`The answer is no XML-RPC; is this the right URL? ${(error as Error).message}`);
  }
}

/**
 * Calls a method over XML-RPC, with HTTP Digest when there is a login.
 * @throws OperatorError when the service does not answer, or not with XML-RPC
 */
export async function callRemote(call: RemoteCall): Promise<Answer> {
  const response = await exchange(call, new URL(call.url), encode(call));
  if (response.status === 401) throw new OperatorError('User or password is wrong.');
  if (response.status === 200) return decode(response);
  throw new OperatorError(`The service answered HTTP ${response.status}: ${response.body.toString('utf8').trim()}`);
}
