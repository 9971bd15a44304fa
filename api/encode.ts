import CustomType from 'xmlrpc/lib/customtype.js';
import { serializeFault, serializeMethodCall, serializeMethodResponse } from 'xmlrpc/lib/serializer.js';
import { int32 } from './scalar-forms.ts';
import { findForbidden, replaceForbidden } from './xml-characters.ts';

/** What can be put on the wire. `null` becomes `<nil/>`; a whole number within 32 bits becomes `<int>`. */
export type Encodable =
  | string
  | number
  | boolean
  | null
  | readonly Encodable[]
  | { readonly [member: string]: Encodable };

/** The serializer puts text with these into a CDATA section, which loses a CR and breaks on a second `]]>`. */
const needsEscape = /[<&]|]]>/;

function typed(tagName: string, text: string): CustomType {
  return Object.assign(new CustomType(text), { tagName });
}

function prepareString(text: string): string | CustomType {
  if (findForbidden(text) >= 0) {
    throw new RangeError('XML 1.0 cannot carry a character of this text: control characters and lone surrogates');
  }
  return needsEscape.test(text) ? typed('string', text) : text;
}

function prepareNumber(value: number): number | CustomType {
  if (!Number.isFinite(value)) {
    throw new RangeError('XML-RPC has no form for a number that is not finite');
  }
  const needsDouble = Number.isInteger(value) && (value < int32.min || value > int32.max);
  return needsDouble ? typed('double', BigInt(value).toString()) : value;
}

function prepareStruct(struct: { readonly [member: string]: Encodable }): unknown {
  const members = Object.entries(struct).map(([name, value]): [string, unknown] => {
    if (name === '' || findForbidden(name) >= 0) {
      throw new RangeError('the name of a member is empty or holds a character that XML 1.0 cannot carry');
    }
    return [name, prepare(value)];
  });
  return Object.fromEntries(members);
}

function prepare(value: Encodable): unknown {
  if (typeof value === 'string') {
    return prepareString(value);
  }
  if (typeof value === 'number') {
    return prepareNumber(value);
  }
  if (value === null || typeof value === 'boolean') {
    return value;
  }
  return isList(value) ? value.map(prepare) : prepareStruct(value);
}

function isList(value: readonly Encodable[] | { readonly [member: string]: Encodable }): value is readonly Encodable[] {
  return Array.isArray(value);
}

/** The answer to nearly every call around its id, made once: to build it each time costs as much as to check the login. */
const [beforeId = '', afterId = ''] = serializeMethodResponse({ result: 'OK', i_customer: int32.max }).split(
  String(int32.max),
);

/** The id in an answer that says that a customer was created and nothing else. */
function onlyCreated(value: Encodable): number | undefined {
  if (typeof value !== 'object' || value === null || isList(value)) return undefined;
  const { result, i_customer: id, ...others } = value;
  const isSuch = result === 'OK' && typeof id === 'number' && Number.isInteger(id) && id > 0 && id <= int32.max;
  return isSuch && Object.keys(others).length === 0 ? id : undefined;
}

/**
 * A method response with one result. Whole numbers beyond 32 bits become `<double>`, digit by digit, since `<int>` ends
 * there. Throws a RangeError, which quotes nothing of the value, for a number that is not finite, for text with a
 * character that XML 1.0 cannot carry, and for a member without a name. The XML names no encoding: send it as UTF-8.
 */
export function encodeResult(value: Encodable): string {
  const id = onlyCreated(value);
  return id === undefined ? serializeMethodResponse(prepare(value)) : `${beforeId}${id}${afterId}`;
}

/**
 * A method response with a fault (xmlrpc.com/spec); `code` is a whole number of 32 bits. Never throws because of the
 * text: characters that XML 1.0 cannot carry become `?`. The XML names no encoding: send it as UTF-8.
 */
export function encodeFault(code: number, text: string): string {
  return serializeFault({ faultCode: code, faultString: prepareString(replaceForbidden(text)) });
}

/**
 * A method call. Throws as `encodeResult` does, also for the method's name. The XML names no encoding: send it as UTF-8.
 */
export function encodeCall(method: string, params: readonly Encodable[]): string {
  prepareString(method);
  return serializeMethodCall(method, params.map(prepare));
}
