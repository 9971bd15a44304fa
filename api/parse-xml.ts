import { SaxesParser } from 'saxes';
import { findForbidden, shorten } from './xml-characters.ts';
import { faultCodes, XmlRpcFault } from './xmlrpc-fault.ts';

/** What takes a document apart. Each function returns what is wrong with the document, or undefined. */
export interface Handlers {
  readonly open: (element: string) => string | undefined;
  /** Text may come in several pieces. White space outside the root element comes too. */
  readonly text: (piece: string) => string | undefined;
  readonly close: () => string | undefined;
  /** Where in the document, for the fault text: empty, or beginning with a comma. */
  readonly place: () => string;
}

/** What the parser says where its own words would not tell the sender what to change. */
const hints: ReadonlyMap<string, string> = new Map([
  ['document must contain a root element.', 'there is no root element; send a methodCall'],
  ['text data outside of root node.', 'text stands outside of the root element'],
  ['undefined entity.', 'an entity is not declared; use &amp; &lt; &gt; &quot; &apos; or a character reference'],
  ['disallowed character in entity name.', 'an ampersand begins no entity; write it as &amp;'],
  ['disallowed character in tag name', 'a < begins no tag; write it as &lt;'],
  ['unexpected end.', 'the document ends too early'],
]);

const numericReference = /^&#(?:\d+|x[\da-fA-F]+);$/;

function refuse(code: number, what: string): never {
  throw new XmlRpcFault(code, what);
}

function refuseForbidden(text: string): void {
  const index = findForbidden(text);
  if (index < 0) {
    return;
  }
  const line = text.slice(0, index).split(/\r\n?|\n/).length;
  const name = text.charCodeAt(index).toString(16).toUpperCase().padStart(4, '0');
  refuse(faultCodes.invalidCharacter, `Invalid character (line ${line}): XML 1.0 forbids U+${name}; remove it`);
}

/** The parser has just read the reference that ends before `end`. */
function isNumericReference(text: string, end: number): boolean {
  return numericReference.test(text.slice(text.lastIndexOf('&', end - 1), end));
}

/** The parser closes the innermost element before it compares the names; `end` is behind the closing tag. */
function closes(text: string, end: number, element: string): boolean {
  return text.slice(text.lastIndexOf('</', end - 1) + 2, end - 1).trimEnd() === element;
}

/**
 * Reads a document once, from front to back, and hands out its elements and text; comments, processing instructions
 * and attributes are passed over. Throws an `XmlRpcFault` at the first thing that is wrong: -32702 for characters, also
 * in the form of a reference, that XML 1.0 forbids, -32700 for what is not well-formed, with a DOCTYPE and XML 1.1
 * counting as such, and -32600 for what the handlers object to. Takes linear time, whatever the text.
 */
export function parseXml(text: string, handlers: Handlers): void {
  refuseForbidden(text);
  const parser = new SaxesParser({ position: false });

  function refuseXml(what: string): never {
    refuse(faultCodes.notWellFormed, `Not well-formed XML (line ${parser.line}): ${what}`);
  }

  function refuseContent(problem: string | undefined): void {
    if (problem !== undefined) {
      refuse(faultCodes.notXmlRpc, `Not XML-RPC (line ${parser.line}${handlers.place()}): ${problem}`);
    }
  }

  parser.on('error', ({ message }) => {
    if (message === 'malformed character entity.' && isNumericReference(text, parser.position)) {
      refuse(
        faultCodes.invalidCharacter,
        `Invalid character (line ${parser.line}): XML 1.0 forbids this character reference; remove it`,
      );
    }
    refuseXml(hints.get(message) ?? shorten(message.replace(/\.$/, '')));
  });
  parser.on('xmldecl', ({ version }) => {
    if (version !== '1.0') {
      refuseXml('only XML 1.0 is accepted');
    }
  });
  parser.on('doctype', () => refuseXml('a DOCTYPE is not accepted; remove it'));
  parser.on('opentag', ({ name }) => refuseContent(handlers.open(name)));
  parser.on('text', (piece) => refuseContent(handlers.text(piece)));
  parser.on('cdata', (piece) => refuseContent(handlers.text(piece)));
  parser.on('closetag', ({ name, isSelfClosing }) => {
    const problem = handlers.close();
    if (problem !== undefined && !isSelfClosing && !closes(text, parser.position, name)) {
      refuseXml('unexpected close tag');
    }
    refuseContent(problem);
  });
  parser.write(text).close();
}
