/** What a client gets instead of a result: an XML-RPC fault. */
export interface Fault {
  readonly code: number;
  /** The message of the gravest problem, then one line for each further problem. */
  readonly text: string;
}

/** One thing wrong with a call, in the words that the client reads. */
export interface Problem extends Fault {
  /** The member it is about, if it is about one. */
  readonly member?: string;
}

/** The order in which problems are reported when a call has several: the gravest first. */
const precedence = [404, 410, 400, 403, 401, 409];

/** Faults of other kinds stand alone and come before all of these. */
const gravest = -1;

/** The order in which absent members are reported; others follow. */
const mandatoryOrder: readonly string[] = ['i_tariff', 'name', 'web_password'];

function about(member: string, code: number, text: string): Problem {
  return { code, text, member };
}

/** Longest name of a stranger's choice that is repeated in a fault. */
export const longestShownName = 64;

/** A name of a stranger's choice as it may stand in a fault: one line of ASCII, not endless. */
export function shownName(name: string): string {
  const safe = name.replace(/[^\x20-\x7e]/g, '?');
  return safe.length > longestShownName ? `${safe.slice(0, longestShownName)}…` : safe;
}

/** The fault table: every fault that the service answers, in its own words. */
export const faults = {
  required: (member: string) => about(member, 410, `Parameter ${member} is required`),
  wrongValue: (member: string, why: string) => about(member, 400, `Wrong value of ${member}: ${why}`),
  unknownParameter: (member: string, hint: string) => about(member, 400, `Unknown parameter ${member}${hint}`),
  wrongReference: (member: string) => about(member, 401, `Wrong ${member}`),
  permissionDenied: (why: string): Problem => ({ code: 403, text: `Permission denied: ${why}` }),
  noSuchMethod: (method: string): Problem => ({ code: 404, text: `No such method: ${shownName(method)}` }),
  timedOut: (): Problem => ({ code: 408, text: 'Timed out: the customer was not created' }),
  inUse: (member: string) => about(member, 409, `${member} is already in use`),
  keyInUse: () => about('idempotency_key', 409, 'idempotency_key is already in use with other parameters'),
  tooManyRequests: (): Problem => ({ code: 429, text: 'Too many requests: repeat the call a little later' }),
  unavailable: (requestId: string): Problem => ({ code: 503, text: `Service unavailable, request ${requestId}` }),
  outcomeUnknown: (requestId: string): Problem => ({
    code: 504,
    text: `Outcome unknown: repeat the call with the same idempotency key, request ${requestId}`,
  }),
  internal: (requestId: string): Problem => ({ code: 500, text: `Internal error, request ${requestId}` }),
} as const;

/** The fault table for people: code, how the text begins, and when it is answered. */
export const faultTable: readonly { readonly code: number; readonly begins: string; readonly when: string }[] = [
  { code: 410, begins: 'Parameter NAME is required', when: 'a mandatory member is absent' },
  { code: 400, begins: 'Wrong value of NAME: …', when: 'type, range, length, format or password policy' },
  { code: 400, begins: 'Unknown parameter NAME', when: 'there is no member of this name' },
  { code: 401, begins: 'Wrong NAME', when: 'it refers to what does not exist, or is not available to the parent' },
  { code: 403, begins: 'Permission denied: …', when: 'rights, depth or scope of the caller' },
  { code: 404, begins: 'No such method', when: 'the method has another name' },
  { code: 408, begins: 'Timed out: the customer was not created', when: 'no worker took the call in time' },
  { code: 409, begins: 'NAME is already in use', when: 'name, web_login, dns_alias, or an idempotency key' },
  { code: 429, begins: 'Too many requests', when: 'more calls wait than are allowed; nothing was done' },
  { code: 503, begins: 'Service unavailable', when: 'database or queue cannot be reached; nothing was created' },
  { code: 504, begins: 'Outcome unknown', when: 'the wait ended while a worker had the call' },
  { code: 500, begins: 'Internal error', when: 'nobody foresaw it; the log has the rest' },
  { code: -32_700, begins: 'Not well-formed', when: 'the document is no XML' },
  { code: -32_701, begins: 'Unsupported encoding', when: 'the document names an unknown encoding' },
  {
    code: -32_702,
    begins: 'Invalid character',
    when: 'bytes that the encoding, or characters that XML does not allow',
  },
  { code: -32_600, begins: 'Not XML-RPC', when: 'the XML is no call' },
];

function rank(problem: Problem): number {
  const place = precedence.indexOf(problem.code);
  return place === -1 ? gravest : place;
}

function mandatoryRank(problem: Problem): number {
  const place = mandatoryOrder.indexOf(problem.member ?? '');
  return place === -1 || problem.code !== faults.required('').code ? mandatoryOrder.length : place;
}

/**
 * Puts all problems of a call into one fault: the gravest gives the code and the first line, the others follow in the
 * order 404, 410, 400, 403, 401, 409, each once. Problems of the same code keep their order, but for absent mandatory
 * members, which come as i_tariff, name, web_password.
 */
export function toFault(problems: readonly [Problem, ...Problem[]]): Fault {
  const sorted = [...problems].sort((a, b) => rank(a) - rank(b) || mandatoryRank(a) - mandatoryRank(b));
  const lines = new Set(sorted.map((problem) => problem.text));
  return { code: (sorted[0] ?? problems[0]).code, text: [...lines].join('\n') };
}
