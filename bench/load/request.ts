import { encodeCall } from '../../api/encode.ts';
import { answerChallenge } from '../../cli/digest-client.ts';
import { allMembers } from '../../test/services/all-members.ts';

export interface Login {
  readonly user: string;
  readonly password: string;
}

const placeholder = 'U'.repeat(24);

/** The full call with its 62 members as text, for any number of unique names of the same length. */
export function createBodies(prefix: string, options: { readonly agent: number; readonly parent?: number }) {
  const { agent, parent } = options;
  const members = { ...allMembers(placeholder, agent), ...(parent === undefined ? {} : { i_wholesaler: parent }) };
  // The login has 32 characters at the most.
  const document = encodeCall('createCustomer', [members]);
  let made = 0;
  return (): string => {
    made += 1;
    const unique = `${prefix}${made}`.padEnd(placeholder.length, 'x');
    return document.replaceAll(placeholder, unique);
  };
}

/** Makes the head of each request; with a login, the answer to the challenge, counted on. */
export function createHeads(
  url: URL,
  login: { readonly challenges: readonly string[]; readonly by: Login } | undefined,
): (bodyBytes: number) => string {
  let nc = 0;
  const fixed = `POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: text/xml\r\n`;
  return (bodyBytes) => {
    nc += 1;
    const digest =
      login && answerChallenge({ challenges: login.challenges, ...login.by, method: 'POST', uri: url.pathname, nc });
    return `${fixed}${digest === undefined ? '' : `Authorization: ${digest}\r\n`}Content-Length: ${bodyBytes}\r\n\r\n`;
  };
}
