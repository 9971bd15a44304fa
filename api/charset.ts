import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { findForbidden, shorten } from './xml-characters.ts';
import { faultCodes, XmlRpcFault } from './xmlrpc-fault.ts';

type Encoding = 'UTF-8' | 'UTF-16' | 'UTF-16LE' | 'UTF-16BE' | 'ISO-8859-1' | 'windows-1252';

interface Claim {
  /** The name of the encoding as the sender wrote it. */
  readonly label: string;
  /** Who says so, for the fault text. */
  readonly source: string;
}

/** An XML declaration is far shorter than this many bytes. */
const declarationLength = 256;

const lastAscii = 0x7f;
const replacementCharacter = '\uFFFD';

/** Byte order marks; the four-byte ones first, since one of them begins like UTF-16. */
const marks: readonly { readonly label: string; readonly bytes: readonly number[] }[] = [
  { label: 'UTF-32', bytes: [0xff, 0xfe, 0x00, 0x00] },
  { label: 'UTF-32', bytes: [0x00, 0x00, 0xfe, 0xff] },
  { label: 'UTF-8', bytes: [0xef, 0xbb, 0xbf] },
  { label: 'UTF-16LE', bytes: [0xff, 0xfe] },
  { label: 'UTF-16BE', bytes: [0xfe, 0xff] },
];

/** Names from the IANA register of character sets, in lower case and without punctuation. */
const encodings: ReadonlyMap<string, Encoding> = new Map([
  ['utf8', 'UTF-8'],
  ['usascii', 'UTF-8'],
  ['ascii', 'UTF-8'],
  ['ansix341968', 'UTF-8'],
  ['iso646us', 'UTF-8'],
  ['utf16', 'UTF-16'],
  ['utf16le', 'UTF-16LE'],
  ['utf16be', 'UTF-16BE'],
  ['iso88591', 'ISO-8859-1'],
  ['iso885911987', 'ISO-8859-1'],
  ['isoir100', 'ISO-8859-1'],
  ['latin1', 'ISO-8859-1'],
  ['l1', 'ISO-8859-1'],
  ['cp819', 'ISO-8859-1'],
  ['ibm819', 'ISO-8859-1'],
  ['windows1252', 'windows-1252'],
  ['cp1252', 'windows-1252'],
  ['xcp1252', 'windows-1252'],
]);

function findEncoding(label: string): Encoding | undefined {
  return encodings.get(label.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));
}

function startsWith(body: Buffer, bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => body[index] === byte);
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

/**
 * Undefined for an odd length, for a lone surrogate, and when the first character is not ASCII: XML begins with `<` or
 * white space, so these bytes are of the other order, or no UTF-16 at all.
 */
function decodeUtf16(body: Buffer, order: 'LE' | 'BE'): string | undefined {
  if (body.length % 2 !== 0) {
    return undefined;
  }
  const littleEndian = order === 'LE' ? body : Buffer.from(body).swap16();
  const text = littleEndian.toString('utf16le');
  const isDisproved = text.charCodeAt(0) > lastAscii || isSurrogate(text.charCodeAt(findForbidden(text)));
  return isDisproved ? undefined : text;
}

/** Node 20's own TextDecoder reads 0x80–0x9F as control characters, so `€` would be lost; iconv-lite has the table. */
function decodeWindows1252(body: Buffer): string | undefined {
  const text = iconv.decode(body, 'windows-1252');
  return text.includes(replacementCharacter) ? undefined : text;
}

/** Undefined when the bytes are invalid in the encoding. */
function decodeAs(encoding: Encoding, body: Buffer): string | undefined {
  switch (encoding) {
    case 'UTF-8':
      return isUtf8(body) ? body.toString('utf8') : undefined;
    case 'UTF-16':
      return decodeUtf16(body, body[0] === 0 ? 'BE' : 'LE');
    case 'UTF-16LE':
      return decodeUtf16(body, 'LE');
    case 'UTF-16BE':
      return decodeUtf16(body, 'BE');
    case 'ISO-8859-1':
      return body.toString('latin1');
    case 'windows-1252':
      return decodeWindows1252(body);
  }
}

function charsetParameter(contentType: string): Claim | undefined {
  const label = /;\s*charset\s*=\s*["']?([^\s;"']+)/i.exec(contentType)?.[1];
  return label === undefined ? undefined : { label, source: 'the Content-Type names' };
}

function declaredEncoding(body: Buffer): Claim | undefined {
  const start = body.toString('latin1', 0, declarationLength);
  const label = /^<\?xml\s[^>]*?\bencoding\s*=\s*["']([^"'<>]+)["']/.exec(start)?.[1];
  return label === undefined ? undefined : { label, source: 'the XML declaration names' };
}

/** UTF-16 without a byte order mark shows in the first character, `<`. */
function defaultEncoding(body: Buffer): Claim {
  const isUtf16 = startsWith(body, [0x3c, 0x00]) || startsWith(body, [0x00, 0x3c]);
  return { label: isUtf16 ? 'UTF-16' : 'UTF-8', source: 'is the default' };
}

function unsupported({ label, source }: Claim): XmlRpcFault {
  const text = `Unsupported encoding: ${source} ${JSON.stringify(shorten(label))}; send UTF-8`;
  return new XmlRpcFault(faultCodes.unsupportedEncoding, text);
}

function invalid({ label, source }: Claim): XmlRpcFault {
  const text = `Invalid character: the body is not valid ${JSON.stringify(shorten(label))}, which ${source}; send UTF-8`;
  return new XmlRpcFault(faultCodes.invalidCharacter, text);
}

/** Throws what is wrong with the claim; `alternative` is believed when the bytes disprove the claim. */
function decodeClaimed(body: Buffer, claim: Claim, alternative?: Claim): string {
  const encoding = findEncoding(claim.label);
  if (encoding === undefined) {
    throw unsupported(claim);
  }
  const second = alternative === undefined ? undefined : findEncoding(alternative.label);
  const text = decodeAs(encoding, body) ?? (second === undefined ? undefined : decodeAs(second, body));
  if (text === undefined) {
    throw invalid(claim);
  }
  return text;
}

/**
 * The text of a request or answer body, without its byte order mark.
 *
 * The first of these that speaks decides (RFC 7303, section 3): a byte order mark; the charset of the Content-Type; the
 * XML declaration; UTF-16 that shows in the first character; else UTF-8. One case goes beyond the RFC: when the bytes
 * are invalid in the charset of the Content-Type, that charset is disproved, and the XML declaration is believed
 * instead. HTTP libraries add `charset=utf-8` by themselves to what PHP's extension declared, and wrote, as ISO-8859-1.
 * The other way round nothing can be disproved (all bytes are valid ISO-8859-1), and the Content-Type holds.
 *
 * US-ASCII is read as UTF-8, because Perl's RPC::XML declares it and sends UTF-8. ISO-8859-1 is itself, not
 * windows-1252 as in browsers. An unknown encoding throws fault -32701, bytes that are invalid in the encoding throw
 * -32702; U+FFFD is never put in.
 */
export function decodeBody(body: Buffer, contentType: string | undefined): string {
  const mark = marks.find(({ bytes }) => startsWith(body, bytes));
  if (mark !== undefined) {
    const marked = body.subarray(mark.bytes.length);
    return decodeClaimed(marked, { label: mark.label, source: 'the byte order mark names' });
  }
  const declared = declaredEncoding(body);
  const parameter = charsetParameter(contentType ?? '');
  return parameter === undefined
    ? decodeClaimed(body, declared ?? defaultEncoding(body))
    : decodeClaimed(body, parameter, declared);
}
