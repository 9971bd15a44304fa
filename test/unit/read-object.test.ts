import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readObject } from '../../bulk-import/read-object.ts';

describe('Reading a line of NDJSON', () => {
  test.each([
    ['{"a":1,"b":2,"a":1}', '"a" stands twice in the object'],
    ['{"a":1, "\\u0061":2, "a":3}', '"a" stands twice in the object\n"a" stands twice in the object'],
    ['{"a":{"x":[1,2]},"a":[{"a":1}]}', '"a" stands twice in the object'],
    ['{"__proto__":1,"__proto__":2}', '"__proto__" stands twice in the object'],
    ['{"a":1e400}', '"a" is too large for a number'],
    ['{"a":-1e400,"b":1e-400}', '"a" is too large for a number\n"b" is too small for a number'],
    ['{"a":12345678901234567890}', '"a" has more digits than a number keeps: write it in quotes'],
    ['{"a":9007199254740993}', '"a" has more digits than a number keeps: write it in quotes'],
    ['{"a":1.00000000000000000001}', '"a" has more digits than a number keeps: write it in quotes'],
    [`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, '"a" is nested deeper than 32 levels'],
  ])('When a line is %.60j, then it fails alone with its text, and no reader has to guess', (line, problem) => {
    expect(readObject(line)).toEqual({ values: { text: line }, problem });
  });

  test.each([
    '{"a":"b","b":"a"}',
    '{"a":{"a":1,"b":1},"b":[{"b":1e400}]}',
    '{"a":"\\",\\"a\\":1","b":"{\\"a\\":1e400"}',
  ])('When names stand in other places of a line (%j), then they are no repetition', (line) => {
    expect(readObject(line)).toEqual({ values: JSON.parse(line) });
  });

  test('When a number is written in a way of its own, then it keeps its text', () => {
    const line = '{"a":1.50,"b":-0,"c":1E3,"d":10000000000000000000000,"e":0.10000000000000001,"__proto__":1.0}';
    expect(Object.entries(readObject(line).values)).toEqual([
      ['a', '1.50'],
      ['b', '-0'],
      ['c', '1E3'],
      ['d', '10000000000000000000000'],
      ['e', '0.10000000000000001'],
      ['__proto__', '1.0'],
    ]);
    expect(readObject('{"a":1.5,"b":0,"c":-12,"d":1e+22,"e":9007199254740992}')).toEqual({
      values: { a: 1.5, b: 0, c: -12, d: 1e22, e: 9_007_199_254_740_992 },
    });
  });

  test('Whatever an object holds, it is read as JSON.parse reads it', () => {
    const value = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }));
    const property = fc.property(value, fc.constantFrom(undefined, ' '), (object, space) => {
      const text = JSON.stringify(object, null, space);
      expect(readObject(text)).toEqual({ values: JSON.parse(text) });
    });
    fc.assert(property, { numRuns: 300 });
  });
});
