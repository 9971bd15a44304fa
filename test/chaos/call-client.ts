import { Agent, type RequestOptions, request } from 'node:http';
import { type Answer, decodeResponse } from '../../api/decode.ts';
import { encodeCall } from '../../api/encode.ts';

/** What came of one attempt: an id, the code of a fault, or no answer at all. */
export type Heard = { readonly i_customer: number } | { readonly fault: number } | 'nothing';

/** One call as it is sent; the same in every attempt, but for the request id. */
export interface Request {
  readonly key: string;
  readonly name: string;
  readonly requestId: string;
}

/** Not 0, so that there is an opening entry. */
const openingBalance = 12.5;

function bodyOf(name: string): string {
  const call = { name, web_password: 'correct7horse', i_tariff: 1, i_wholesaler: 1, balance: openingBalance };
  return encodeCall('createCustomer', [call]);
}

function read(answer: Answer): Heard {
  if ('fault' in answer) return { fault: answer.fault.code };
  const id = answer.value.kind === 'struct' ? answer.value.members.get('i_customer') : undefined;
  return id?.kind === 'int' ? { i_customer: Number(id.text) } : 'nothing';
}

/** A client with connections that are kept alive. One that hears nothing for so long gives the attempt up. */
export function createCallClient(patienceMs: number) {
  const agent = new Agent({ keepAlive: true });

  function post(url: string, options: RequestOptions, body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const sent = request(url, { ...options, agent, method: 'POST' }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      });
      const timer = setTimeout(() => sent.destroy(new Error('no answer in time')), patienceMs);
      sent.on('error', reject);
      sent.on('close', () => {
        clearTimeout(timer);
        reject(new Error('closed without an answer'));
      });
      sent.end(body);
    });
  }

  return {
    async send(url: string, { key, name, requestId }: Request): Promise<Heard> {
      const headers = { 'Content-Type': 'text/xml', 'Idempotency-Key': key, 'X-Request-Id': requestId };
      try {
        return read(decodeResponse(await post(url, { headers }, bodyOf(name))));
      } catch {
        return 'nothing';
      }
    },
    close: () => agent.destroy(),
  };
}
