import type { Scalar } from '../schemas/value.ts';
import { trimXml } from './xml-characters.ts';

/** How the text of one scalar element is read. */
export interface ScalarForm {
  readonly kind: Scalar['kind'];
  /** Brings what stood between the tags into the text that a `Scalar` keeps. */
  readonly normalize: (text: string) => string;
  /** True when the normalized text is of this type. */
  readonly fits: (text: string) => boolean;
  /** What the element must hold, for the fault text. */
  readonly expected: string;
}

/** The range of `int` and `i4`. */
export const int32 = { min: -2_147_483_648, max: 2_147_483_647 } as const;

/** Digits of the greatest number of 64 bits. */
const int64Digits = 19;

/** Longer than any date with time, fraction and zone. */
const maxDateTimeLength = 40;

const wholeNumber = /^[+-]?\d+$/;
/** No two parts can match the same digit: a bad number of a million digits is refused in one pass. */
const decimalNumber = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const base64Alphabet = /^[A-Za-z0-9+/]*={0,2}$/;
const base64Group = 4;
const dateTime = /^(\d{4})(-?)(\d\d)\2(\d\d)T(\d\d):?(\d\d):?(\d\d)(?:\.\d+)?(?:Z|[+-]\d\d(?::?\d\d)?)?$/;

function fitsInt32(text: string): boolean {
  const value = wholeNumber.test(text) ? Number(text) : Number.NaN;
  return value >= int32.min && value <= int32.max;
}

function fitsInt64(text: string): boolean {
  if (!wholeNumber.test(text)) {
    return false;
  }
  const digits = text.replace(/^[+-]?0*/, '');
  if (digits.length > int64Digits) {
    return false;
  }
  const value = BigInt(text.startsWith('-') ? `-${digits || '0'}` : digits);
  return BigInt.asIntN(64, value) === value;
}

function fitsDouble(text: string): boolean {
  return decimalNumber.test(text) && Number.isFinite(Number(text));
}

/** A day or an hour that does not exist comes back from the calendar as another one. */
function fitsDateTime(text: string): boolean {
  const parts = text.length <= maxDateTimeLength ? dateTime.exec(text) : null;
  if (parts === null) {
    return false;
  }
  const [, year, , month, day, hours, minutes, seconds] = parts;
  const normal = `${year}-${month}-${day}T${hours}:${minutes}:${seconds}.000Z`;
  const time = new Date(normal);
  return !Number.isNaN(time.getTime()) && time.toISOString() === normal;
}

function fitsBase64(text: string): boolean {
  return text.length % base64Group === 0 && base64Alphabet.test(text);
}

function removeWhiteSpace(text: string): string {
  return text.split(/[ \t\r\n]+/).join('');
}

const int: ScalarForm = {
  kind: 'int',
  normalize: trimXml,
  fits: fitsInt32,
  expected: 'a whole number of 32 bits, such as 42',
};

const long: ScalarForm = { ...int, fits: fitsInt64, expected: 'a whole number of 64 bits, such as 42' };

const nil: ScalarForm = { kind: 'nil', normalize: trimXml, fits: (text) => text === '', expected: 'nothing' };

/**
 * The scalar elements of xmlrpc.com/spec, with `nil` (ontosys.com/xml-rpc/extensions.php), `i8`, and both in the
 * spelling of Apache ws-xmlrpc. Beyond the letter of the specification: outer white space around everything but strings,
 * exponents (Python, Ruby and Node send them), dashes, fraction and zone in a dateTime.
 */
export const scalarForms: ReadonlyMap<string, ScalarForm> = new Map<string, ScalarForm>([
  ['string', { kind: 'string', normalize: (text) => text, fits: () => true, expected: 'text' }],
  ['int', int],
  ['i4', int],
  ['i8', long],
  ['ex:i8', long],
  [
    'double',
    { kind: 'double', normalize: trimXml, fits: fitsDouble, expected: 'a finite decimal number, such as -12.5' },
  ],
  [
    'boolean',
    { kind: 'boolean', normalize: trimXml, fits: (text) => text === '0' || text === '1', expected: '0 or 1' },
  ],
  [
    'dateTime.iso8601',
    {
      kind: 'dateTime',
      normalize: trimXml,
      fits: fitsDateTime,
      expected: 'an existing time, such as 19980717T14:08:55',
    },
  ],
  ['base64', { kind: 'base64', normalize: removeWhiteSpace, fits: fitsBase64, expected: 'base64 with its padding' }],
  ['nil', nil],
  ['ex:nil', nil],
]);
