import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCall, decodeResponse } from '../../api/decode.ts';
import { type Encodable, encodeCall, encodeFault, encodeResult } from '../../api/encode.ts';
import type { Value } from '../../schemas/value.ts';

/** What a value must come back as. */
function asDecoded(value: Encodable): Value {
  if (typeof value === 'string') {
    return { kind: 'string', text: value };
  }
  if (typeof value === 'boolean') {
    return { kind: 'boolean', text: value ? '1' : '0' };
  }
  if (typeof value === 'number') {
    const isInt = Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;
    const text = Number.isInteger(value) ? BigInt(value).toString() : String(value);
    return { kind: isInt ? 'int' : 'double', text };
  }
  if (value === null) {
    return { kind: 'nil', text: '' };
  }
  if (Array.isArray(value)) {
    return { kind: 'array', items: value.map(asDecoded) };
  }
  return { kind: 'struct', members: new Map(Object.entries(value).map(([name, member]) => [name, asDecoded(member)])) };
}

const declaration = '<?xml version="1.0"?>';

describe('a result', () => {
  it('is one method response that names no encoding', () => {
    expect(encodeResult({ result: 'OK', i_customer: 42 })).toBe(
      `${declaration}<methodResponse><params><param><value><struct>` +
        '<member><name>result</name><value><string>OK</string></value></member>' +
        '<member><name>i_customer</name><value><int>42</int></value></member>' +
        '</struct></value></param></params></methodResponse>',
    );
  });

  it.each([
    ['both ends of CDATA', 'a]]>b]]>c<d>'],
    ['a carriage return beside markup', 'a\r<b>\r\n&'],
    ['only white space', ' \t\n '],
    ['nothing', ''],
    ['characters beyond the basic plane', '😀\u{10FFFF}'],
    ['what a template would replace', '$& $1 %s'],
  ])('with text that holds %s comes back as it was', (_, text) => {
    expect(decodeResponse(encodeResult(text))).toEqual({ value: { kind: 'string', text } });
  });

  it('keeps members that are named like parts of an object', () => {
    const value: Encodable = JSON.parse('{"__proto__": 1, "constructor": "a", "10": true, "2": null}');

    expect(decodeResponse(encodeResult(value))).toEqual({ value: asDecoded(value) });
  });

  it.each([
    [2_147_483_647, '<int>2147483647</int>'],
    [-2_147_483_648, '<int>-2147483648</int>'],
    [2_147_483_648, '<double>2147483648</double>'],
    [-2_147_483_649, '<double>-2147483649</double>'],
    [1e21, '<double>1000000000000000000000</double>'],
    [12.5, '<double>12.5</double>'],
    [-0, '<int>0</int>'],
  ])('with the number %d holds %s', (value, element) => {
    expect(encodeResult(value)).toContain(`<value>${element}</value>`);
  });

  it.each([
    ['infinity', Number.POSITIVE_INFINITY],
    ['a number that is none', Number.NaN],
    ['a control character', 'secret\u0000'],
    ['a lone surrogate', ['secret\uD83D']],
    ['a control character in a name', { 'secret\u0007': 1 }],
    ['a member without a name', { '': 'secret' }],
  ])('with %s is refused without quoting it', (_, value) => {
    expect(() => encodeResult(value)).toThrow(RangeError);
    expect(() => encodeResult(value)).not.toThrow(/secret/);
  });
});

describe('a fault', () => {
  it('holds its code and its text', () => {
    expect(encodeFault(410, 'Parameter name is required')).toBe(
      `${declaration}<methodResponse><fault><value><struct>` +
        '<member><name>faultCode</name><value><int>410</int></value></member>' +
        '<member><name>faultString</name><value><string>Parameter name is required</string></value></member>' +
        '</struct></value></fault></methodResponse>',
    );
  });

  it('shows a question mark for every character that XML cannot carry', () => {
    const text = 'a\u0000b\u001Bc\uD83Dd\uFFFEe 😀\t\n\r<&]]>';

    expect(decodeResponse(encodeFault(-32_700, text))).toEqual({
      fault: { code: -32_700, text: 'a?b?c?d?e 😀\t\n\r<&]]>' },
    });
  });

  it('is written whatever its text', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.string({ unit: 'binary' }), (code, text) => {
        const decoded = decodeResponse(encodeFault(code, text));
        expect(decoded).toEqual({ fault: { code, text: expect.any(String) } });
      }),
    );
  });
});

describe('a call', () => {
  it('comes back from the decoder with the same method and values', () => {
    const text = fc
      .string({ unit: 'binary', maxLength: 12 })
      .map((drawn) => drawn.replaceAll(/[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, ''));
    const name = text.filter((drawn) => drawn !== '');
    const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger());
    const { value } = fc.letrec<{ value: Encodable }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        text,
        number.map((drawn) => (drawn === 0 ? 0 : drawn)),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    const method = fc.stringMatching(/^[A-Za-z0-9_.:/]{1,20}$/);

    fc.assert(
      fc.property(method, fc.array(value, { maxLength: 3 }), (called, params) => {
        expect(decodeCall(encodeCall(called, params))).toEqual({ method: called, params: params.map(asDecoded) });
      }),
      { numRuns: 1000 },
    );
  });

  it('names no encoding and may have no parameters', () => {
    expect(encodeCall('system.listMethods', [])).toBe(
      `${declaration}<methodCall><methodName>system.listMethods</methodName><params/></methodCall>`,
    );
  });

  it('escapes its method, which the server then judges', () => {
    expect(encodeCall('a<b>', [])).toContain('<methodName>a&lt;b&gt;</methodName>');
    expect(() => encodeCall('a\u0000', [])).toThrow(RangeError);
  });
});
