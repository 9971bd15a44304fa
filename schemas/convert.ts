import { createCustomerSchema } from './create-customer.ts';
import { faults, type Problem } from './faults.ts';
import type { Scalar, Value } from './value.ts';

type Json = string | number | boolean | null;

/** What a member's schema asks of a value. */
interface Target {
  readonly type: 'string' | 'integer' | 'number' | 'boolean';
  readonly nullable: boolean;
  readonly emptyIsAbsent: boolean;
  /** -1 stands for nil: a limit that is none. */
  readonly unlimited: boolean;
  /** An int that is 0 or 1: it also takes the texts of a boolean. */
  readonly flag: boolean;
}

const booleanTexts: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

interface MemberSchema {
  readonly maximum?: number;
  readonly type: string | readonly string[];
  readonly default?: unknown;
  readonly 'x-empty'?: string;
}

/** Converted to the member's type, left out as not given, or refused with what it must be. */
type Conversion = { readonly value: Json } | 'absent' | { readonly refused: string };

/** Digits before and behind the point, and the exponent. It reads each digit once, however many an attacker sends. */
const decimal = /^[+-]?(?=\.?\d)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;
const unlimitedMark = -1;
const lossless = { fatal: true, ignoreBOM: true };

function target(schema: MemberSchema): Target {
  const types = [schema.type].flat();
  const nullable = types.includes('null');
  return {
    type: types[0] as Target['type'],
    nullable,
    emptyIsAbsent: schema['x-empty'] === 'absent',
    unlimited: nullable && schema.default === null,
    flag: schema.maximum === 1,
  };
}

const targets = new Map(
  Object.entries<MemberSchema>(createCustomerSchema.properties).map(([name, schema]) => [name, target(schema)]),
);

/**
 * All members, none of them given. An object that grows to 60 members becomes a hash table, which costs a hundred times as much to copy
 * as one whose members are there from the beginning. `JSON.parse` makes such a one. They stand in the order in which they are hashed
 * (`runtime/params-hash.ts`): to sort what is sorted already is quick.
 */
const noMembers: Readonly<Record<string, unknown>> = createNoMembers();

function createNoMembers(): Record<string, unknown> {
  const names = [...targets.keys()].sort();
  const made = JSON.parse(JSON.stringify(Object.fromEntries(names.map((name) => [name, null]))));
  for (const name of names) made[name] = undefined;
  return made;
}

/** The printed reference has a stray apostrophe behind this name; clients that copied it are understood. */
const aliases = new Map([["i_password_policy'", 'i_password_policy']]);

const kindWords: Record<Value['kind'], string> = {
  int: 'an int',
  double: 'a double',
  boolean: 'a boolean',
  string: 'a string',
  dateTime: 'a dateTime',
  base64: 'base64',
  nil: 'nil',
  struct: 'a struct',
  array: 'an array',
};

function refuse(wanted: string, scalar: Value): Conversion {
  const shown = scalar.kind === 'string' ? 'other text' : kindWords[scalar.kind];
  return { refused: `must be ${wanted}, not ${shown}` };
}

function toText(scalar: Scalar): Conversion {
  if (scalar.kind !== 'base64') return { value: scalar.text };
  try {
    return { value: new TextDecoder('utf-8', lossless).decode(Buffer.from(scalar.text, 'base64')) };
  } catch {
    return { refused: 'must be text, not base64 of bytes that are no UTF-8' };
  }
}

/** The number that the text stands for, or undefined if it stands for none that a double can hold. */
function decimalValue(scalar: Scalar): number | undefined {
  const text = scalar.text.trim();
  if (scalar.kind !== 'int' && scalar.kind !== 'double' && scalar.kind !== 'string') return undefined;
  const value = decimal.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** Whether a decimal text stands for a whole number, to its last digit: a double rounds 1.00000000000000000001 to 1. */
function isWhole(text: string): boolean {
  const [, whole = '', fraction = '', exponent = '0'] = decimal.exec(text) ?? [];
  const digits = whole + fraction;
  let significant = digits.length;
  while (digits[significant - 1] === '0') significant -= 1;
  return significant === 0 || significant - whole.length <= Number(exponent);
}

function toInteger(scalar: Scalar, { flag }: Target): Conversion {
  if (scalar.kind === 'boolean') return { value: Number(scalar.text) };
  const truth = flag && scalar.kind === 'string' ? booleanTexts.get(scalar.text.trim()) : undefined;
  if (truth !== undefined) return { value: Number(truth) };
  const value = decimalValue(scalar);
  if (value === undefined) return refuse('an integer', scalar);
  return isWhole(scalar.text.trim()) ? { value: value + 0 } : { refused: 'must be an integer, without a fraction' };
}

function toNumber(scalar: Scalar): Conversion {
  const value = decimalValue(scalar);
  if (value === undefined) return refuse('a number', scalar);
  const isExact = scalar.kind !== 'int' || Number.isSafeInteger(value) || BigInt(value) === BigInt(scalar.text);
  return isExact ? { value: value + 0 } : { refused: 'must be a number that a double holds exactly' };
}

function toBoolean(scalar: Scalar): Conversion {
  const text = scalar.text.trim();
  const truth = scalar.kind === 'string' ? booleanTexts.get(text) : undefined;
  if (truth !== undefined) return { value: truth };
  const value = scalar.kind === 'boolean' ? Number(text) : decimalValue(scalar);
  return value === 0 || value === 1 ? { value: value === 1 } : refuse('a boolean, 0 or 1', scalar);
}

const converters = { string: toText, integer: toInteger, number: toNumber, boolean: toBoolean };

function meansNil(wanted: Target, { kind, text }: Scalar): boolean {
  return kind === 'nil' || (kind === 'string' && text === '' && wanted.type !== 'string');
}

function convertValue(wanted: Target, value: Value): Conversion {
  if (value.kind === 'struct' || value.kind === 'array') return refuse('a single value', value);
  if (meansNil(wanted, value)) return wanted.nullable ? { value: null } : 'absent';
  const converted = converters[wanted.type](value, wanted);
  if (typeof converted !== 'object' || !('value' in converted)) return converted;
  if (converted.value === '' && wanted.emptyIsAbsent) return 'absent';
  return converted.value === unlimitedMark && wanted.unlimited ? { value: null } : converted;
}

/** Keeps a name for the schema to refuse. To define each, and not to assign it, takes the square of their number. */
function addUnknown(params: Record<string, unknown>, name: string): void {
  // Assignment would take this one name for the prototype.
  if (name === '__proto__') Object.defineProperty(params, name, { value: null, enumerable: true });
  else params[name] = null;
}

/** A value of XML-RPC, or a scalar of JSON. */
export type Given = Value | string | number | boolean;

/** True for a scalar of JSON that is what the schema asks for, and means itself. */
function isAsWanted({ type, emptyIsAbsent }: Target, given: string | number | boolean): boolean {
  if (typeof given !== 'number') return typeof given === type && (given !== '' || !emptyIsAbsent);
  if (given === unlimitedMark || Object.is(given, -0)) return false;
  return Number.isSafeInteger(given) && (type === 'integer' || type === 'number');
}

function convertGiven(wanted: Target, given: Given): Conversion {
  if (typeof given === 'object') return convertValue(wanted, given);
  return isAsWanted(wanted, given) ? { value: given } : convertValue(wanted, fromJson(given));
}

/**
 * Converts members to the types that the schema asks for, where nothing is lost: int to double, numeric text to a
 * number, any scalar's own text for a string, booleans from and to 0 and 1, a double with a whole value to an int.
 * nil, and the empty string where it can mean nothing else, count as not given. A conversion that would lose something
 * is a problem that names the member. Unknown names pass unchanged, for the schema to refuse.
 * @returns every member by name, undefined where it is not given
 */
export function convertMembers(members: ReadonlyMap<string, Given>): {
  readonly params: Record<string, unknown>;
  readonly problems: readonly Problem[];
} {
  const params: Record<string, unknown> = { ...noMembers };
  const problems: Problem[] = [];
  for (const [given, value] of members) {
    const name = aliases.get(given) ?? given;
    const wanted = targets.get(name);
    if (name !== given && members.has(name)) problems.push(faults.wrongValue(name, `is given twice, also as ${given}`));
    if (!wanted) {
      addUnknown(params, name);
      continue;
    }
    const converted = convertGiven(wanted, value);
    if (converted === 'absent') continue;
    if ('refused' in converted) problems.push(faults.wrongValue(name, converted.refused));
    else params[name] = converted.value;
  }
  return { params, problems };
}

/** Members of JSON, as producers of jobs send them. Most scalars are of the right type, and are not turned into text and back. */
export function membersOfJson(json: Readonly<Record<string, unknown>>): Map<string, Given> {
  const members = new Map<string, Given>();
  for (const name of Object.keys(json)) {
    const value = json[name];
    const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    members.set(name, isScalar ? value : fromJson(value));
  }
  return members;
}

/** Reads a JSON value as the XML-RPC value that it corresponds to. */
export function fromJson(json: unknown): Value {
  if (json === null || json === undefined) return { kind: 'nil', text: '' };
  if (typeof json === 'string') return { kind: 'string', text: json };
  if (typeof json === 'boolean') return { kind: 'boolean', text: json ? '1' : '0' };
  if (typeof json === 'number') return { kind: Number.isSafeInteger(json) ? 'int' : 'double', text: String(json) };
  if (Array.isArray(json)) return { kind: 'array', items: json.map(fromJson) };
  return { kind: 'struct', members: new Map(Object.entries(json).map(([name, value]) => [name, fromJson(value)])) };
}
