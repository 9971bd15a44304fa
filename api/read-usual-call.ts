import type { Value } from '../schemas/value.ts';
import type { Call } from './decode.ts';
import { maxMembers } from './grammar.ts';
import { scalarForms } from './scalar-forms.ts';
import { findForbidden } from './xml-characters.ts';

const gap = '[ \\t\\n]*';
const declaration = '<\\?xml version=(["\'])1\\.0\\1(?: encoding=(["\'])[A-Za-z][\\w.-]*\\2)? ?\\?>';
const methodName = '<methodName>([A-Za-z0-9_.:/]{1,255})</methodName>';
const scalar = '<(?:([A-Za-z][A-Za-z0-9.]*)>([^<]*)</\\2>|(string|nil)/>)';
const value = `(?:<value>(?:${gap}${scalar}${gap}|([^<]*))</value>|<value/>)`;

/** Tags one after the other, with white space before each. */
function tags(...names: readonly string[]): string {
  return names.map((name) => `${gap}<${name}>`).join('');
}

/** What stands before the members, a member, and what stands behind the last one. */
const before = new RegExp(
  `^(?:${declaration})?${tags('methodCall')}${gap}${methodName}${tags('params', 'param', 'value', 'struct')}`,
);
const member = new RegExp(`${tags('member')}${gap}<name>([^<&]+)</name>${gap}${value}${tags('/member')}`, 'y');
const behind = new RegExp(`${tags('/struct', '/value', '/param', '/params', '/methodCall')}${gap}$`, 'y');

const entities: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

const characterReference = /^#(?:\d{1,7}|x[\da-fA-F]{1,6})$/;
const lastCharacter = 0x10ffff;

/** The character that stands for `&NAME;`. */
function characterOf(name: string): string | undefined {
  if (!characterReference.test(name)) return entities.get(name);
  const code = Number(name.replace('#x', '0x').replace('#', ''));
  if (code > lastCharacter) return undefined;
  const character = String.fromCodePoint(code);
  return findForbidden(character) < 0 ? character : undefined;
}

function replaceReferences(raw: string): string | undefined {
  const [first = '', ...pieces] = raw.split('&');
  let text = first;
  for (const piece of pieces) {
    const end = piece.indexOf(';');
    const character = end < 0 ? undefined : characterOf(piece.slice(0, end));
    if (character === undefined) return undefined;
    text += character + piece.slice(end + 1);
  }
  return text;
}

function readScalar(element: string, raw: string): Value | undefined {
  const form = scalarForms.get(element);
  const text = raw.includes('&') ? replaceReferences(raw) : raw;
  if (form === undefined || text === undefined) return undefined;
  const normal = form.normalize(text);
  return form.fits(normal) ? { kind: form.kind, text: normal } : undefined;
}

/** The members from `start` on, and where they end; undefined for anything out of the common. */
function readMembers(text: string, start: number) {
  const members = new Map<string, Value>();
  let end = start;
  for (;;) {
    member.lastIndex = end;
    const found = member.exec(text);
    if (found === null) return { members, end };
    const [all, name = '', element, typed = '', empty, untyped = ''] = found;
    const read = readScalar(element ?? empty ?? 'string', element === undefined ? untyped : typed);
    if (read === undefined || members.has(name) || members.size >= maxMembers) return undefined;
    members.set(name, read);
    end += all.length;
  }
}

/**
 * Reads a call as nearly all clients send it: one struct of scalars, in elements without attributes, the name of a member before its
 * value. To the same outcome as `decodeAnyCall`, in a quarter of its time. Gives undefined for everything else, also for all that is
 * wrong: comments, CDATA sections, lists, values that do not fit their type, documents that are not well-formed. Takes linear time.
 */
export function readUsualCall(document: string): Call | undefined {
  if (findForbidden(document) >= 0 || document.includes(']]>')) return undefined;
  const text = document.includes('\r') ? document.replaceAll(/\r\n?/g, '\n') : document;
  const found = before.exec(text);
  if (found === null) return undefined;
  const [all, , , method = ''] = found;
  const read = readMembers(text, all.length);
  if (read === undefined) return undefined;
  behind.lastIndex = read.end;
  return behind.test(text) ? { method, params: [{ kind: 'struct', members: read.members }] } : undefined;
}
