import type { Value } from '../schemas/value.ts';
import { buildDocument } from './build-document.ts';
import type { Frame } from './grammar.ts';
import { parseXml } from './parse-xml.ts';
import { readUsualCall } from './read-usual-call.ts';
import { faultCodes, XmlRpcFault } from './xmlrpc-fault.ts';

/** A method call: who is called, and the parameters in order. */
export interface Call {
  readonly method: string;
  readonly params: readonly Value[];
}

/** What a method answered: a value or a fault. */
export type Answer = { readonly value: Value } | { readonly fault: { readonly code: number; readonly text: string } };

function readDocument(text: string, root: string): Frame {
  const { handlers, document } = buildDocument(root);
  parseXml(text, handlers);
  return document;
}

function notXmlRpc(what: string): XmlRpcFault {
  return new XmlRpcFault(faultCodes.notXmlRpc, `Not XML-RPC: ${what}`);
}

function readFault(fault: Value): { readonly code: number; readonly text: string } {
  const code = fault.kind === 'struct' ? fault.members.get('faultCode') : undefined;
  const text = fault.kind === 'struct' ? fault.members.get('faultString') : undefined;
  if (code?.kind !== 'int' || text?.kind !== 'string') {
    throw notXmlRpc('<fault> must hold a struct of faultCode, an int, and faultString, a string');
  }
  return { code: Number(code.text), text: text.text };
}

/**
 * Reads a method call (xmlrpc.com/spec), strictly: a document that leaves room for doubt is refused, never guessed at.
 * Throws nothing but `XmlRpcFault`: -32700 for what is not well-formed XML 1.0 or has a DOCTYPE, -32702 for characters
 * that XML forbids, -32600 for well-formed XML that is no call. Time and memory are linear in the length of the text.
 *
 * What is accepted beyond the letter of the specification: no `params` element for no parameters; comments, processing
 * instructions, attributes and white space around elements are passed over; a member's value before its name; the
 * scalars of `scalarForms`. A `value` without an element is a string, white space included.
 */
export function decodeCall(text: string): Call {
  return readUsualCall(text) ?? decodeAnyCall(text);
}

/** The same without the short way for usual calls. */
export function decodeAnyCall(text: string): Call {
  const { label, items } = readDocument(text, 'methodCall');
  if (label === undefined) {
    throw notXmlRpc('<methodCall> has no <methodName>');
  }
  return { method: label, params: items ?? [] };
}

/**
 * Reads the answer to a call: its one result, or its fault. Throws as `decodeCall` does; a `fault` whose struct lacks
 * an int `faultCode` or a string `faultString` is -32600, further members of it are passed over.
 */
export function decodeResponse(text: string): Answer {
  const { value, items } = readDocument(text, 'methodResponse');
  if (value !== undefined && items === undefined) {
    return { fault: readFault(value) };
  }
  const [result, ...more] = items ?? [];
  if (value !== undefined || result === undefined || more.length > 0) {
    throw notXmlRpc('<methodResponse> must hold one <fault>, or <params> with one <param>');
  }
  return { value: result };
}
