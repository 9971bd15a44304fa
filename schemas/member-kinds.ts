/**
 * The kinds of members that createCustomer has, as JSON Schema fragments.
 *
 * Two keywords are ours. `x-says` is the sentence that a fault gives when `pattern` does not match.
 * `x-empty: "absent"` marks string members whose empty string means "not given", as web forms send it.
 */

/** Text that XML can carry and PostgreSQL can store: no control characters but tab, line feed and carriage return. */
const plainText = '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\ud800-\\udfff]*$';
const plainTextSays = 'must not contain control characters';

/** What no single line holds: control characters, and halves of characters, which UTF-8 cannot carry. */
const control = '\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff';

/** One line without control characters and without white space at either end. */
export const trimmedLine = `^(?!\\s)[^${control}]*(?<!\\s)$`;
export const trimmedLineSays = 'must not contain control characters or begin or end with white space';

const address = `[^\\s@,;<>"${control}]+@[^\\s@,;<>"${control}]+`;

/** Largest value of a PostgreSQL `integer`, which holds every id. */
export const maxInteger = 2_147_483_647;

/** Money is kept below this size, exclusive, so that sums stay exact wherever a double carries them. */
const moneyLimit = 1e12;

export function text(maxLength: number, description: string) {
  return { type: 'string', maxLength, pattern: plainText, 'x-says': plainTextSays, description } as const;
}

export function password(description: string) {
  return { ...text(128, description), minLength: 1 } as const;
}

export function addresses(description: string) {
  return {
    type: 'string',
    maxLength: 255,
    pattern: `^\\s*${address}(\\s*[,;]\\s*${address})*\\s*$`,
    'x-says': 'must be e-mail addresses, separated by commas or semicolons',
    'x-empty': 'absent',
    description,
  } as const;
}

export function sender(description: string) {
  return {
    type: 'string',
    maxLength: 255,
    pattern: `^(${address}|[^<>${control}]*<${address}>)$`,
    'x-says': 'must be an e-mail address, or a display name followed by <address>',
    'x-empty': 'absent',
    description,
  } as const;
}

export function code(pattern: string, says: string, description: string) {
  return { type: 'string', pattern, 'x-says': says, 'x-empty': 'absent', description } as const;
}

export function id(description: string) {
  return { type: 'integer', minimum: 1, maximum: maxInteger, description } as const;
}

export function integer(minimum: number, maximum: number, description: string) {
  return { type: 'integer', minimum, maximum, description } as const;
}

export function flag(description: string) {
  return { type: 'integer', minimum: 0, maximum: 1, default: 0, description } as const;
}

export function rights(description: string) {
  return {
    type: 'integer',
    minimum: 0,
    maximum: 7,
    default: 0,
    description: `${description}, a bit mask: 1 add, 2 edit, 4 delete`,
  } as const;
}

export function feature(description: string) {
  return { type: 'boolean', default: false, description } as const;
}

export function balance(description: string) {
  return {
    type: 'number',
    exclusiveMinimum: -moneyLimit,
    exclusiveMaximum: moneyLimit,
    default: 0,
    description,
  } as const;
}

export function credit(description: string) {
  return { type: 'number', minimum: 0, exclusiveMaximum: moneyLimit, default: 0, description } as const;
}

export function nonNegative(description: string) {
  return { type: 'number', minimum: 0, description } as const;
}

export function percent(description: string) {
  return { type: 'number', minimum: -100, maximum: 100, description } as const;
}

/** A limit where `null` (nil, or -1 on the way in) means unlimited. */
export function sessionLimit(description: string) {
  return { type: ['integer', 'null'], minimum: 0, maximum: maxInteger, default: null, description } as const;
}

/** A rate where `null` (nil, or -1 on the way in) means unlimited. */
export function rateLimit(description: string) {
  return { type: ['number', 'null'], minimum: 0, default: null, description } as const;
}
