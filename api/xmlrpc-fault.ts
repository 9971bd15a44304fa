/**
 * Codes for documents that never reach a method, from "Specification for Fault Code Interoperability" (Dan Libby,
 * xmlrpc-epi, version 20010516).
 */
export const faultCodes = {
  /** "invalid xml-rpc. not conforming to spec.": well-formed XML that is no call or no response. */
  notXmlRpc: -32600,
  /** "parse error. not well formed" */
  notWellFormed: -32700,
  /** "parse error. unsupported encoding" */
  unsupportedEncoding: -32701,
  /** "parse error. invalid character for encoding" */
  invalidCharacter: -32702,
} as const;

/**
 * Thrown by the codec for a document that a stranger got wrong; nothing else comes out of it. `message` is one sentence
 * for the sender: what is wrong, where, and what to send instead. It may quote names of elements, attributes, members
 * and encodings, shortened; it never quotes text, since that may be a password.
 */
export class XmlRpcFault extends Error {
  readonly faultCode: number;

  constructor(faultCode: number, text: string) {
    super(text);
    this.name = 'XmlRpcFault';
    this.faultCode = faultCode;
  }
}
