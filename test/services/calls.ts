import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Answer, decodeResponse } from '../../api/decode.ts';
import { type Encodable, encodeCall } from '../../api/encode.ts';
import { rootPassword } from './constants.ts';

export type Members = Readonly<Record<string, Encodable>>;

/** How a call is made: with a login (root's unless said), or with none, from a trusted host; further options of curl. */
export interface Manner {
  readonly login?: { readonly user: string; readonly password: string } | 'none';
  readonly args?: readonly string[];
}

const root = { user: 'root', password: rootPassword };

/** Runs the real curl. */
export async function curl(
  args: readonly string[],
  body: string,
): Promise<{ status: number; body: string; headers: string }> {
  const child = spawn('curl', ['--silent', '--show-error', '--include', '--data-binary', '@-', ...args]);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.end(body);
  await once(child, 'close');
  const parts = Buffer.concat(chunks).toString('utf8').split('\r\n\r\n');
  const headers = parts.filter((part) => part.startsWith('HTTP/')).at(-1) ?? '';
  return { status: Number(headers.split(' ')[1]), headers, body: parts.at(-1) ?? '' };
}

/** Sends a document with curl. */
export function post(url: string, document: string, { login = root, args = [] }: Manner = {}) {
  const digest = login === 'none' ? [] : ['--digest', '--user', `${login.user}:${login.password}`];
  return curl(['--header', 'Content-Type: text/xml', ...digest, ...args, url], document);
}

/** Calls createCustomer with curl, and decodes what it answers. */
export async function createCustomer(url: string, members: Members, manner: Manner = {}) {
  const { body, headers } = await post(url, encodeCall('createCustomer', [members]), manner);
  return { ...decodeResponse(body), headers };
}

/** The id of the customer that an answer names; fails when it is a fault. */
export function createdId(answer: Answer): number {
  if ('fault' in answer) throw new Error(`fault ${answer.fault.code}: ${answer.fault.text}`);
  const members = answer.value.kind === 'struct' ? answer.value.members : new Map();
  const [result, id] = [members.get('result'), members.get('i_customer')];
  if (result?.kind !== 'string' || result.text !== 'OK' || id?.kind !== 'int') throw new Error(JSON.stringify(answer));
  return Number(id.text);
}

/** The fault of an answer; fails when there is none. */
export function faultOf(answer: Answer): { readonly code: number; readonly text: string } {
  if ('fault' in answer) return answer.fault;
  throw new Error(`no fault, but ${JSON.stringify(answer)}`);
}
