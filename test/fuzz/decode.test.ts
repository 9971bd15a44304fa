import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBody } from '../../api/charset.ts';
import { decodeCall, decodeResponse } from '../../api/decode.ts';
import { XmlRpcFault } from '../../api/xmlrpc-fault.ts';
import { acceptedDocuments, readDocument, refusedFileNames } from '../unit/golden-documents.ts';

/** Some twenty seconds in all, so they are no part of the fast check. */
const mutations = 80_000;
const randomBodies = 20_000;
const timeoutMs = 120_000;

/** Larger documents would only slow the search down; limits have their own tests. */
const maxBytes = 2000;

const corpus: readonly Buffer[] = [
  ...acceptedDocuments().map(([name]) => readDocument(`accepted/${name}`)),
  ...refusedFileNames().map((name) => readDocument(`refused/${name}`)),
].filter((document) => document.length <= maxBytes);

const contentTypes = [
  undefined,
  'text/xml',
  'text/xml; charset=utf-8',
  'text/xml; charset=utf-16',
  'a; charset=cp1252',
];

/** Pieces that a mutation by bytes alone would hardly ever hit upon. */
const tokens = [
  ...['<value>', '</value>', '<value/>', '<struct>', '</struct>', '<member>', '</member>', '<name>', '</name>'],
  ...['<array>', '</array>', '<data>', '</data>', '<int>', '</int>', '<nil/>', '<string>', '</string>', '<params>'],
  ...['<![CDATA[', ']]>', '<!--', '-->', '<?', '?>', '<!DOCTYPE a>', '&amp;', '&#0;', '&#x10FFFF;', '&', '<', '>', '"'],
  ...[
    '<methodCall>',
    '</methodCall>',
    '<fault>',
    '<methodResponse>',
    '\r',
    '\0',
    '\uFEFF',
    '\uFFFE',
    '😀',
    ' ',
    '1e400',
  ],
].map((token) => Buffer.from(token));

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: Buffer;
}

function apply(document: Buffer, { at, remove, insert }: Edit): Buffer {
  const start = at % (document.length + 1);
  return Buffer.concat([document.subarray(0, start), insert, document.subarray(start + remove)]);
}

const bytes = fc.uint8Array({ maxLength: 4 }).map((drawn) => Buffer.from(drawn));
const piece = fc.tuple(fc.constantFrom(...corpus), fc.nat(maxBytes), fc.nat(80)).map(([document, at, length]) => {
  const start = at % (document.length + 1);
  return document.subarray(start, start + length);
});
const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(maxBytes),
  remove: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(60)),
  insert: fc.oneof(bytes, fc.constantFrom(...tokens), piece),
});
const mutated = fc
  .tuple(fc.constantFrom(...corpus), fc.array(edit, { minLength: 1, maxLength: 5 }))
  .map(([document, edits]) => edits.reduce(apply, document));

/** What comes out besides a decoded document and a fault of the codec; nothing should. */
function surprise(body: Buffer, contentType: string | undefined): unknown {
  for (const decode of [decodeCall, decodeResponse]) {
    try {
      decode(decodeBody(body, contentType));
    } catch (error) {
      if (
        !(error instanceof XmlRpcFault) ||
        error.message === '' ||
        /\b(undefined|NaN)\b|\[object/.test(error.message)
      ) {
        return error;
      }
    }
  }
  return undefined;
}

describe('whatever a stranger sends', () => {
  it(
    'a golden document with random changes ends in a call or a fault',
    () => {
      const property = fc.property(mutated, fc.constantFrom(...contentTypes), (body, contentType) => {
        expect(surprise(body, contentType)).toBeUndefined();
      });
      fc.assert(property, { numRuns: mutations });
    },
    timeoutMs,
  );

  it(
    'random bytes and random text end in a fault',
    () => {
      const body = fc.oneof(
        fc.uint8Array({ maxLength: 200 }).map((drawn) => Buffer.from(drawn)),
        fc.string({ unit: 'binary', maxLength: 100 }).map((drawn) => Buffer.from(drawn)),
        fc.array(fc.constantFrom(...tokens), { maxLength: 30 }).map((drawn) => Buffer.concat(drawn)),
      );
      const property = fc.property(body, fc.constantFrom(...contentTypes), (drawn, contentType) => {
        expect(surprise(drawn, contentType)).toBeUndefined();
      });
      fc.assert(property, { numRuns: randomBodies });
    },
    timeoutMs,
  );

  it('text with lone surrogates, which no body can hold, ends in a fault', () => {
    const text = fc.array(fc.constantFrom('<methodCall>', '\uD83D', '\uDE00', 'a', '<', '</'), { maxLength: 12 });
    const property = fc.property(text, (drawn) => {
      expect(() => decodeCall(drawn.join(''))).toThrow(XmlRpcFault);
    });
    fc.assert(property, { numRuns: 1000 });
  });
});
