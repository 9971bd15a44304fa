import { loadSettings } from '../runtime/config.ts';
import { OperatorError } from './operator-error.ts';
import { printAnswer, printAnswerAsJson } from './print-answer.ts';
import { callRemote } from './xmlrpc-client.ts';

export interface CallFlags {
  readonly url?: string;
  readonly user?: string;
  readonly password?: string;
  readonly idempotencyKey?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const assignment = /^([^=]+)=(.*)$/s;

function readMembers(assignments: readonly string[]): Readonly<Record<string, string>> {
  const members: Record<string, string> = Object.create(null);
  for (const text of assignments) {
    const [, name, value] = assignment.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new OperatorError(`"${text}" must have the form NAME=VALUE.`);
    if (name in members) throw new OperatorError(`${name} is given twice.`);
    members[name] = value;
  }
  return members;
}

/** Where the service of these settings answers; one that listens on every address is called on the loopback one. */
function ownUrl(): string {
  const { HOST, PORT, TLS_CERT_FILE } = loadSettings();
  const host = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[HOST] ?? (HOST.includes(':') ? `[${HOST}]` : HOST);
  return `${TLS_CERT_FILE === undefined ? 'http' : 'https'}://${host}:${PORT}/xmlapi/xmlapi`;
}

function readUrl(given: string | undefined, dryRun: boolean | undefined): string {
  const text = given ?? ownUrl();
  if (!/^https?:/.test(text) || !URL.canParse(text)) {
    throw new OperatorError(`"${text}" is no URL: give one like http://127.0.0.1:8080/xmlapi/xmlapi.`);
  }
  const url = new URL(text);
  if (dryRun) url.searchParams.set('dry_run', '1');
  return url.href;
}

/**
 * Calls a method and prints what it answers. Every value is sent as a string; the service converts it, and takes an
 * empty one for nil.
 * @returns the exit code: 0, or 1 on a fault
 */
export async function call(method: string, assignments: readonly string[], flags: CallFlags): Promise<0 | 1> {
  const members = readMembers(assignments);
  const answer = await callRemote({
    url: readUrl(flags.url, flags.dryRun),
    method,
    params: assignments.length === 0 ? [] : [members],
    user: flags.user,
    password: flags.password,
    idempotencyKey: flags.idempotencyKey,
  });
  if (flags.json) printAnswerAsJson(answer);
  else printAnswer(answer);
  return 'fault' in answer ? 1 : 0;
}
