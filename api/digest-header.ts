import { isUtf8 } from 'node:buffer';

/** Parameters by lower-case name. Quotes and escapes are gone; the values are Unicode text. */
export type DigestParams = ReadonlyMap<string, string>;

interface AuthScheme {
  readonly name: string;
  /** Absent when a token68 stands in their place, as after Negotiate. */
  params?: Map<string, string>;
}

/** Takes what the sticky pattern matches at the current position and moves past it; undefined when it does not match. */
type Take = (pattern: RegExp) => string | undefined;

// Each pattern is sticky, and no two parts of one can match the same text, so that all of them run in linear time.
const token = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const token68 = /[-._~+/0-9A-Za-z]+=*(?=[ \t]*(?:,|$))/y;
const quotedString = /"[^"\\]*(?:\\.[^"\\]*)*"/sy;
const equals = /[ \t]*=[ \t]*/y;
const spaces = / +/y;
const whiteSpace = /[ \t]+/y;
const comma = /,/y;
const end = /$/y;

/** The first parameter behind the scheme, or another one, as nearly all clients write them: printable ASCII without escapes. */
const usualParam = /(?:^digest +|[ \t]*,[ \t]*)([a-z]+)=(?:"([\t !#-[\]-~]*)"|([!#$%&'*+\-.^_`|~0-9a-z]+))/iy;

const fieldText = /^[\t\x20-\x7e\x80-\xff]*$/;
const digestCredentials = /^digest /i;

/**
 * Reads the value of an `Authorization` header (RFC 9110 section 11.4, RFC 7616 section 3.4). Undefined when the scheme
 * is not Digest or anything is malformed: an open quote, a parameter without a value or given twice, a second
 * scheme, bytes that are not UTF-8. Unknown parameters are kept and mean nothing; a parameter may be a token or quoted,
 * whichever the RFC asks for, because clients differ. Time is linear; the HTTP server bounds the length.
 */
export function parseDigestCredentials(value: string): DigestParams | undefined {
  if (!digestCredentials.test(value)) return undefined;
  const usual = readUsual(value);
  if (usual !== undefined) return usual;
  const schemes = parseSchemes(value);
  return schemes?.length === 1 ? schemes[0]?.params : undefined;
}

/** To the same outcome, a parameter at a time instead of a token. Undefined for whatever is not written as usual, and for what is wrong. */
function readUsual(value: string): DigestParams | undefined {
  const params = new Map<string, string>();
  let position = 0;
  while (position < value.length) {
    usualParam.lastIndex = position;
    const found = usualParam.exec(value);
    if (found === null) return undefined;
    const [all, name = '', quoted, bare = ''] = found;
    const key = name.toLowerCase();
    if (params.has(key)) return undefined;
    params.set(key, quoted ?? bare);
    position += all.length;
  }
  return params;
}

/**
 * Reads the Digest challenges out of `WWW-Authenticate` header values (RFC 9110 section 11.6.1), in their order. One value may hold
 * several challenges, joined by commas. Challenges of other schemes are skipped, and so is a malformed value, whole.
 */
export function parseDigestChallenges(values: readonly string[]): DigestParams[] {
  return values
    .flatMap((value) => parseSchemes(value) ?? [])
    .flatMap(({ name, params }) => (name === 'digest' && params !== undefined ? [params] : []));
}

/**
 * Writes a quoted-string (RFC 9110 section 5.6.4) for a header value: UTF-8, one character a byte, as node:http writes and reads
 * headers. Control characters are not hidden: node:http refuses to send them.
 */
export function quote(text: string): string {
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  return `"${bytes.replace(/["\\]/g, '\\$&')}"`;
}

function parseSchemes(value: string): AuthScheme[] | undefined {
  const text = decodeFieldText(value);
  if (text === undefined) return undefined;
  const take = createTake(text);
  const schemes: AuthScheme[] = [];
  do {
    take(whiteSpace);
    if (!readElement(take, schemes)) return undefined;
    take(whiteSpace);
  } while (take(comma) !== undefined);
  return take(end) === undefined ? undefined : schemes;
}

/** Header values arrive with one character for each byte; RFC 7616 section 4 knows UTF-8 alone. */
function decodeFieldText(value: string): string | undefined {
  if (!fieldText.test(value)) return undefined;
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

function createTake(text: string): Take {
  let position = 0;
  return (pattern) => {
    pattern.lastIndex = position;
    const taken = pattern.exec(text)?.[0];
    if (taken !== undefined) position += taken.length;
    return taken;
  };
}

/** Reads what stands between two commas: nothing, a parameter, or a scheme with its first parameter. False when malformed. */
function readElement(take: Take, schemes: AuthScheme[]): boolean {
  const word = take(token);
  if (word === undefined) return true;
  if (take(equals) !== undefined) return readValue(take, word, schemes.at(-1)?.params);
  const scheme: AuthScheme = { name: word.toLowerCase() };
  schemes.push(scheme);
  const isBare = take(spaces) === undefined;
  if (!isBare && take(token68) !== undefined) return true;
  scheme.params = new Map();
  const name = isBare ? undefined : take(token);
  return name === undefined || (take(equals) !== undefined && readValue(take, name, scheme.params));
}

function readValue(take: Take, name: string, params: Map<string, string> | undefined): boolean {
  const value = take(token) ?? unquote(take(quotedString));
  const key = name.toLowerCase();
  if (value === undefined || params === undefined || params.has(key)) return false;
  params.set(key, value);
  return true;
}

function unquote(quoted: string | undefined): string | undefined {
  return quoted?.slice(1, -1).replace(/\\(.)/gs, '$1');
}
