import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeAnyCall } from '../../api/decode.ts';
import { readUsualCall } from '../../api/read-usual-call.ts';
import { scalarForms } from '../../api/scalar-forms.ts';
import { toGolden } from '../unit/golden-documents.ts';

/** Some ten seconds, so they are no part of the fast check. */
const calls = 200_000;
const timeoutMs = 120_000;

/** What stands in usual calls, and what makes such a call another one, or none. */
const pieces = [
  ...['&#65;', '&#13;', '&#xd;', '&#x1F600;', '&#xD83D;', '&#x110000;', '&#65', '&#x;', '&#0065;', '&#00000065;'],
  ...[
    '&lt;',
    '&amp;amp;',
    '&auml;',
    '&amp',
    '&AMP;',
    '&;',
    '& ',
    '\r\n',
    '\r',
    '\n',
    '\t',
    ' ',
    '\u00A0',
    '\u0085',
    '\uFEFF',
  ],
  ...[
    'a',
    '1',
    '-1',
    '.5',
    '1e5',
    'YQ==',
    '19980717T14:08:55',
    '\uFFFE',
    '\u0001',
    '😀',
    '>',
    ']]',
    ']]>',
    '"',
    '/',
    '<',
  ],
  ...['<string/>', '<nil/>', '<value/>', '<nil />', '<a/>', '<!-- a -->', '<?a b?>', '<![CDATA[a]]>', '<b>', '</b>'],
  ...[
    '<string>',
    '</string>',
    '<value>',
    '</value>',
    '<member>',
    '</member>',
    '<name>',
    '</name>',
    '<struct>',
    '</struct>',
  ],
];

const text = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 2 })), { maxLength: 2 })
  .map((parts) => parts.join(''));
const gap = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('', '', '', ' ', '\n', '\r\n', '\t') },
  { weight: 1, arbitrary: fc.constantFrom('a', '\u00A0', '<!---->', '&#32;') },
);
const element = fc.constantFrom(...scalarForms.keys(), 'string', 'string', 'array', 'struct', 'strin');
const value = fc.oneof(
  fc.tuple(gap, element, text, gap).map(([left, name, held, right]) => `${left}<${name}>${held}</${name}>${right}`),
  text,
);
const member = fc
  .tuple(gap, fc.oneof(text, fc.uuid(), fc.uuid()), gap, value, gap)
  .map(([a, name, b, held, c]) => `<member>${a}<name>${name}</name>${b}<value>${held}</value>${c}</member>`);
const head = fc.constantFrom(
  '',
  '',
  '<?xml version="1.0"?>',
  `<?xml version='1.0' encoding='utf-8' ?>`,
  '<?xml version="1.1"?>',
  ' <?xml version="1.0"?>',
);
const document = fc
  .tuple(head, gap, fc.array(member, { maxLength: 3 }), gap)
  .map(
    ([declaration, before, members, behind]) =>
      `${declaration}${before}<methodCall><methodName>m</methodName><params><param><value><struct>${members.join('')}</struct></value></param></params></methodCall>${behind}`,
  );
const cut = fc
  .tuple(document, fc.nat(400), fc.nat(12))
  .map(([whole, at, length]) => whole.slice(0, at) + whole.slice(at + length));

it(
  'whatever a stranger sends: a call that is read the short way is the same call the long way',
  () => {
    let readShort = 0;
    const property = fc.property(
      fc.oneof({ weight: 3, arbitrary: document }, { weight: 1, arbitrary: cut }),
      (drawn) => {
        const usual = readUsualCall(drawn);
        if (usual === undefined) return;
        readShort += 1;
        const { method, params } = decodeAnyCall(drawn);
        expect([usual.method, usual.params.map(toGolden)]).toEqual([method, params.map(toGolden)]);
      },
    );
    fc.assert(property, { numRuns: calls });

    // Otherwise the property would say little.
    expect(readShort).toBeGreaterThan(calls / 10);
  },
  timeoutMs,
);
