import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { type Answer, decodeResponse } from '../../api/decode.ts';
import { encodeCall } from '../../api/encode.ts';
import { answerChallenge } from '../../cli/digest-client.ts';
import { createdId, type Members } from '../services/calls.ts';

interface Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Login {
  readonly user: string;
  readonly password: string;
}

/** What the service has said to a call: the id of a customer, or a fault. */
export type Said =
  | { readonly code: 'OK'; readonly i_customer: number }
  | { readonly code: number; readonly text: string };

function said(answer: Answer): Said {
  return 'fault' in answer ? answer.fault : { code: 'OK', i_customer: createdId(answer) };
}

/** A client that keeps its connections, and uses one nonce for all its logins: curl would ask for one in each call. */
export async function openClient(url: string, connections: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const uri = new URL(url).pathname;
  let requests = 0;

  function post(body: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    return new Promise((resolve, reject) => {
      const sent = request(url, { method: 'POST', agent, headers: { 'Content-Type': 'text/xml', ...headers } });
      sent.on('error', reject);
      sent.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const [status, body] = [response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8')];
          resolve({ status, headers: response.headers, body });
        });
      });
      sent.end(body);
    });
  }

  /** A login that cannot be right is challenged also where the address is trusted. */
  const { headers } = await post('', { Authorization: 'Digest' });
  const challenges = [headers['www-authenticate'] ?? ''];

  function authorize(login: Login): string {
    requests += 1;
    const header = answerChallenge({ challenges, method: 'POST', uri, nc: requests, ...login });
    if (header === undefined) throw new Error(`This is no challenge: ${challenges}`);
    return header;
  }

  return {
    /**
     * Calls createCustomer with a login, or with none, from a trusted host.
     * @throws Error when the service does not take the call: a login that is refused is no fault 401
     */
    async call(members: Members, login: Login | undefined): Promise<Said> {
      const more = login === undefined ? {} : { Authorization: authorize(login) };
      const { status, body } = await post(encodeCall('createCustomer', [members]), more);
      if (status !== 200) throw new Error(`The service answered HTTP ${status} to ${login?.user}: ${body}`);
      return said(decodeResponse(body));
    },
    close: () => agent.destroy(),
  };
}

export type Client = Awaited<ReturnType<typeof openClient>>;
