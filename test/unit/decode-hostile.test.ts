import { describe, expect, it } from 'vitest';
import { decodeBody } from '../../api/charset.ts';
import { decodeCall } from '../../api/decode.ts';
import { XmlRpcFault } from '../../api/xmlrpc-fault.ts';

/** The largest body that the server takes. */
const bodyBytes = 1_048_576;

/** A document takes some 10 to 100 ms; quadratic time would be minutes. The rest is room for a busy machine. */
const limitMs = 2000;

const open = '<methodCall><methodName>m</methodName><params><param><value>';
const close = '</value></param></params></methodCall>';
const openItems = `${open}<array><data>`;
const closeItems = `</data></array>${close}`;
const openMember = `${open}<struct><member><name>a</name><value>`;
const closeMember = `</value></member></struct>${close}`;

/** A body of one megabyte: `before`, as many units as fit, `after`. */
function megabyte(before: string, unit: string, after = ''): string {
  return before + unit.repeat(Math.floor((bodyBytes - before.length - after.length) / unit.length)) + after;
}

function start(element: string): string {
  return `${open}<${element}>`;
}

function end(element: string): string {
  return `</${element}>${close}`;
}

function manyMembers(): string {
  const count = Math.floor(bodyBytes / 50);
  return Array.from({ length: count }, (_, n) => `<member><name>${n}</name><value/></member>`).join('');
}

function attributes(): string {
  const names = Array.from({ length: bodyBytes / 12 }, (_, index) => `a${index}=""`);
  return `<methodCall ${names.join(' ')}><methodName>m</methodName></methodCall>`;
}

const documents: readonly (readonly [what: string, text: string])[] = [
  ['values nested without end', megabyte(openItems, '<value><array><data>')],
  ['elements nested without end', megabyte('', '<a>')],
  ['elements with the wrong closing tags', megabyte('', '<a></b>')],
  ['closing tags alone', megabyte('', '</a>')],
  ['opening tags, then other closing tags', `${'<a>'.repeat(bodyBytes / 8)}${'</b>'.repeat(bodyBytes / 8)}`],
  ['one huge value of a member', megabyte(`${openMember}<string>`, 'a', `</string>${closeMember}`)],
  ['entities in a member', megabyte(`${openMember}<string>`, '&amp;', `</string>${closeMember}`)],
  ['an ampersand at the end of a member', megabyte(openMember, 'a', `&${closeMember}`)],
  ['white space in a member', megabyte(openMember, ' ', closeMember)],
  ['a member without an end', megabyte(`${openMember}<string>`, 'a')],
  ['different members', `${open}<struct>${manyMembers()}</struct>${close}`],
  ['a hundred thousand values', megabyte(openItems, '<value/>', closeItems)],
  ['tens of thousands of structs', megabyte(openItems, '<value><struct/></value>', closeItems)],
  ['equal members', megabyte(`${open}<struct>`, '<member><name>a</name><value/></member>')],
  ['many attributes', attributes()],
  ['equal attributes', megabyte('<methodCall', ' a=""', '/>')],
  ['one huge attribute', megabyte('<methodCall a="', '&amp;', '"/>')],
  ['one huge tag name', megabyte('<', 'a', '/>')],
  ['one huge closing tag', megabyte('<methodCall></', 'a', '>')],
  ['one huge member name', megabyte(`${open}<struct><member><name>`, 'a', `</name><value/></member></struct>${close}`)],
  ['one huge method name', megabyte('<methodCall><methodName>', 'a', '</methodName></methodCall>')],
  ['one huge comment', megabyte('<!--', '-x', '--><methodCall/>')],
  ['comments between pieces of text', megabyte(open, 'a<!---->', close)],
  ['processing instructions', megabyte('<methodCall>', '<?a b?>', '<methodName>m</methodName></methodCall>')],
  ['CDATA sections', megabyte(open, '<![CDATA[]]>', close)],
  ['closing brackets in CDATA', megabyte(`${open}<![CDATA[`, ']', `]]>${close}`)],
  ['closing brackets', megabyte(open, ']', close)],
  ['ends of CDATA without a beginning', megabyte(open, ']]>', close)],
  ['entities', megabyte(open, '&amp;', close)],
  ['ampersands', megabyte(open, '&', close)],
  ['an entity without an end', megabyte(`${open}&`, 'a', close)],
  ['a character reference with many digits', megabyte(`${open}&#`, '9', `;${close}`)],
  ['character references', megabyte(open, '&#65;', close)],
  ['line ends', megabyte(open, '\r\n', close)],
  ['an int with many digits', megabyte(start('int'), '1', end('int'))],
  ['an int with many zeros', megabyte(start('i8'), '0', `1${end('i8')}`)],
  ['an i8 with many digits', megabyte(start('i8'), '9', end('i8'))],
  ['an int with white space inside', megabyte(`${start('int')}1`, ' ', `1${end('int')}`)],
  ['a double that goes wrong at its end', megabyte(start('double'), '1', `x${end('double')}`)],
  ['a fraction that goes wrong at its end', megabyte(`${start('double')}1.`, '1', `x${end('double')}`)],
  ['an exponent with many digits', megabyte(`${start('double')}1e`, '1', end('double'))],
  ['base64 that goes wrong at its end', megabyte(start('base64'), 'A', `!${end('base64')}`)],
  ['base64 with white space everywhere', megabyte(start('base64'), 'A\n', end('base64'))],
  ['a DOCTYPE with many entities', megabyte('<!DOCTYPE a [', '<!ENTITY a "b">', ']><methodCall/>')],
  ['a DOCTYPE without an end', megabyte('<!DOCTYPE a [', '<!')],
  ['an XML declaration without an end', megabyte('<?xml version="1.0" ', 'a')],
  ['white space', megabyte('', ' ')],
  ['characters beyond the basic plane', megabyte(open, '😀', close)],
];

describe('a megabyte', () => {
  it.each(documents)('of %s takes linear time and ends in a call or a fault', (_, text) => {
    const body = Buffer.from(text);
    const startMs = performance.now();
    let outcome: unknown;
    try {
      outcome = decodeCall(decodeBody(body, undefined)).method;
    } catch (error) {
      outcome = error;
    }

    expect(performance.now() - startMs).toBeLessThan(limitMs);
    expect(outcome === 'm' || outcome instanceof XmlRpcFault).toBe(true);
  });
});
