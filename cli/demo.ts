import { existsSync, readFileSync } from 'node:fs';
import type { Settings } from '../runtime/settings.ts';
import { OperatorError } from './operator-error.ts';
import { rootPasswordFile } from './prepare-database.ts';
import { printAnswer } from './print-answer.ts';
import { say } from './say.ts';
import { callRemote } from './xmlrpc-client.ts';

function findRootPassword(settings: Settings): string | undefined {
  if (settings.ROOT_API_PASSWORD !== undefined) return settings.ROOT_API_PASSWORD;
  const file = rootPasswordFile(settings);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/** A body that can be pasted into a shell, in single quotes. */
function curlBody(name: string): string {
  const member = (key: string, value: string) => `<member><name>${key}</name><value>${value}</value></member>`;
  const members = [member('name', name), member('web_password', 'correct7horse'), member('i_tariff', '1')].join('');
  return `<methodCall><methodName>createCustomer</methodName><params><param><value><struct>${members}</struct></value></param></params></methodCall>`;
}

/** Creates a sample customer over XML-RPC, prints the answer, and a call that the reader can paste. */
export async function runDemo(url: string, settings: Settings): Promise<void> {
  const password = findRootPassword(settings);
  if (password === undefined) {
    say('No sample call: the API password of root is not known here. Set ROOT_API_PASSWORD to the one in use.');
    return;
  }
  const name = `Demo ${new Date().toISOString()}`;
  const sample = { name, web_password: 'correct7horse', i_tariff: '1', balance: '10.50' };
  const call = { url, method: 'createCustomer', params: [sample], user: 'root', password };
  const answer = await callRemote(call).catch((error: unknown) => {
    throw new OperatorError(`The sample call failed. ${(error as Error).message} Is ROOT_API_PASSWORD the one in use?`);
  });
  say(`\ncreateCustomer(name="${name}", i_tariff=1, balance=10.50) answered`);
  printAnswer(answer);
  say('\nCall it yourself, from another terminal:\n');
  say(`curl --digest --user 'root:${password}' --header 'Content-Type: text/xml' \\`);
  say(`  --data '${curlBody(`Pasted ${name.slice(-13, -1)}`)}' \\\n  ${url}\n`);
  say('Ctrl-C ends the service; what it stored is there again at the next start.');
}
