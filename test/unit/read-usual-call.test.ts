import { describe, expect, it } from 'vitest';
import { decodeBody } from '../../api/charset.ts';
import { decodeAnyCall, decodeCall } from '../../api/decode.ts';
import { maxMembers } from '../../api/grammar.ts';
import { readUsualCall } from '../../api/read-usual-call.ts';
import { readDocument } from './golden-documents.ts';

function call(value: string): string {
  return `<methodCall><methodName>test</methodName><params><param><value>${value}</value></param></params></methodCall>`;
}

function member(name: string, value: string): string {
  return `<member><name>${name}</name><value>${value}</value></member>`;
}

function members(count: number): string {
  return Array.from({ length: count }, (_, index) => member(`m${index}`, '')).join('');
}

describe('a usual call', () => {
  const scalars = [
    'plain',
    ' <int> 7 </int>\n',
    '<string>Müller &#38; S&#xF6;hne &amp;&lt;&gt;&quot;&apos;</string>',
    '<string>a\r\nb\rc&#13;</string>',
    '<string/>',
    '<nil/>',
    '<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>',
    '<base64>\nYQ==\n</base64>',
    ' ',
    '',
  ];
  const usual = call(`<struct>${scalars.map((scalar, index) => member(`m${index}`, scalar)).join('\n')}</struct>`);

  it('is read the short way, and to the same values as the long way', () => {
    expect(readUsualCall(usual)).toEqual(decodeAnyCall(usual));
    expect(decodeCall(usual).params).toEqual([
      {
        kind: 'struct',
        members: new Map([
          ['m0', { kind: 'string', text: 'plain' }],
          ['m1', { kind: 'int', text: '7' }],
          ['m2', { kind: 'string', text: `Müller & Söhne &<>"'` }],
          ['m3', { kind: 'string', text: 'a\nb\nc\r' }],
          ['m4', { kind: 'string', text: '' }],
          ['m5', { kind: 'nil', text: '' }],
          ['m6', { kind: 'dateTime', text: '19980717T14:08:55' }],
          ['m7', { kind: 'base64', text: 'YQ==' }],
          ['m8', { kind: 'string', text: ' ' }],
          ['m9', { kind: 'string', text: '' }],
        ]),
      },
    ]);
  });

  it.each([
    'c-xmlrpc-c-crlf.xml',
    'go-kolo-xmlrpc.xml',
    'perl-frontier.xml',
    'perl-rpc-xml.xml',
    'php-default-references.xml',
    'php-iso-8859-1.xml',
    'php-utf-8.xml',
    'ruby-xmlrpc.xml',
  ])('of a real client, %s, is read the short way', (name) => {
    expect(readUsualCall(decodeBody(readDocument(`accepted/${name}`), undefined))).toBeDefined();
  });

  it.each([
    ['with an attribute', '<struct a="1"></struct>'],
    ['with a list', `<struct>${member('a', '<array><data/></array>')}</struct>`],
    ['with a number that is none', `<struct>${member('a', '<int>seven</int>')}</struct>`],
    ['with a member twice', `<struct>${member('a', '')}${member('a', '')}</struct>`],
    ['with an entity that is not declared', `<struct>${member('a', '&uuml;')}</struct>`],
    ['with an entity without an end', `<struct>${member('a', 'R&amp')}</struct>`],
    ['with a reference to a character that XML forbids', `<struct>${member('a', '&#0;')}</struct>`],
    ['with a reference to half a character', `<struct>${member('a', '&#xD83D;')}</struct>`],
    ['with a reference beyond the last character', `<struct>${member('a', '&#x110000;')}</struct>`],
    ['with an end of CDATA', `<struct>${member('a', ']]>')}</struct>`],
    ['with a CDATA section', `<struct>${member('a', '<![CDATA[b]]>')}</struct>`],
    ['with a comment', `<struct>${member('a', '')}<!-- b --></struct>`],
    ['with a control character', `<struct>${member('a', '\u0001')}</struct>`],
    ['with an empty name', `<struct>${member('', '')}</struct>`],
    ['with a tag that another one closes', `<struct>${member('a', '<int>7</i4>')}</struct>`],
    ['with more members than there may be', `<struct>${members(maxMembers + 1)}</struct>`],
  ])('%s is read the long way', (_, value) => {
    expect(readUsualCall(call(value))).toBeUndefined();
  });

  it.each([
    ['text before it', `a${usual}`],
    ['text behind it', `${usual}a`],
    ['a second root element', `${usual}<a/>`],
    ['another version of XML', `<?xml version="1.1"?>${usual}`],
    ['white space before its declaration', ` <?xml version="1.0"?>${usual}`],
    ['no end', usual.slice(0, -1)],
  ])('with %s is read the long way', (_, text) => {
    expect(readUsualCall(text)).toBeUndefined();
  });
});
