import { describe, expect, it } from 'vitest';
import { maxDepth, maxValues } from '../../api/build-document.ts';
import { decodeBody } from '../../api/charset.ts';
import { decodeAnyCall, decodeCall, decodeResponse } from '../../api/decode.ts';
import { maxMembers } from '../../api/grammar.ts';
import { faultCodes } from '../../api/xmlrpc-fault.ts';
import { faultOf } from './faults-of-the-codec.ts';
import { acceptedDocuments, readDocument, refusedDocuments, refusedFileNames, toGolden } from './golden-documents.ts';

function call(value: string): string {
  return `<methodCall><methodName>test</methodName><params><param><value>${value}</value></param></params></methodCall>`;
}

function response(content: string): string {
  return `<?xml version="1.0"?><methodResponse>${content}</methodResponse>`;
}

function member(name: string, value: string): string {
  return `<member><name>${name}</name><value>${value}</value></member>`;
}

function members(count: number): string {
  return `<struct>${Array.from({ length: count }, (_, index) => member(`m${index}`, '')).join('')}</struct>`;
}

function items(count: number): string {
  return `<array><data>${'<value/>'.repeat(count)}</data></array>`;
}

describe('a golden document that is a call', () => {
  it.each(acceptedDocuments())('%s is read to the letter', (name, { contentType, method, params }) => {
    const text = decodeBody(readDocument(`accepted/${name}`), contentType);

    for (const decoded of [decodeCall(text), decodeAnyCall(text)]) {
      expect({ method: decoded.method, params: decoded.params.map(toGolden) }).toEqual({ method, params });
    }
  });
});

describe('a golden document that is no call', () => {
  it('has its fault in the table, and no fault stands there without a document', () => {
    expect(refusedDocuments().map(([name]) => name)).toEqual(expect.arrayContaining([...refusedFileNames()]));
    expect(refusedFileNames()).toHaveLength(refusedDocuments().length);
  });

  it.each(refusedDocuments())('%s is refused with its code and its reason', (name, { contentType, code, text }) => {
    const fault = faultOf(() => decodeCall(decodeBody(readDocument(`refused/${name}`), contentType)));

    expect(fault.faultCode).toBe(code);
    expect(fault.message).toContain(text);
    expect(fault.message.length).toBeLessThan(400);
  });
});

describe('limits', () => {
  it(`accepts values nested ${maxDepth} deep and none deeper, at the second place too`, () => {
    const nested = (depth: number) =>
      `${'<array><data><value>'.repeat(depth)}${'</value></data></array>'.repeat(depth)}`;

    expect(decodeCall(call(nested(maxDepth - 1))).params).toHaveLength(1);
    expect(faultOf(() => decodeCall(call(nested(maxDepth)))).message).toContain('deeper than 32');
    const second = `<array><data><value>${nested(30)}</value><value>${nested(31)}</value></data></array>`;
    expect(faultOf(() => decodeCall(call(second))).message).toContain('deeper than 32');
  });

  it(`accepts ${maxMembers} members in a struct and not one more`, () => {
    expect(decodeCall(call(members(maxMembers))).params).toHaveLength(1);
    const fault = faultOf(() => decodeCall(call(members(maxMembers + 1))));
    expect(fault.faultCode).toBe(faultCodes.notXmlRpc);
    expect(fault.message).toContain('more than 1000 members');
  });

  it(`accepts ${maxValues} values in a document and not one more`, () => {
    expect(decodeCall(call(items(maxValues - 1))).params).toHaveLength(1);
    const fault = faultOf(() => decodeCall(call(items(maxValues))));
    expect(fault.faultCode).toBe(faultCodes.notXmlRpc);
    expect(fault.message).toContain('more than 100000 values');
  });

  it('accepts a multicall of 1000 calls with 62 members each', () => {
    const one = `<struct>${member('methodName', 'a')}${member('params', `<array><data><value>${members(62)}</value></data></array>`)}</struct>`;
    const calls = `<array><data>${`<value>${one}</value>`.repeat(1000)}</data></array>`;

    expect(decodeCall(call(calls)).params).toHaveLength(1);
  });
});

describe('a fault text', () => {
  it('names the line and the member, from the outermost', () => {
    const inner = `<struct>${member('credit_limit', '<double>lots</double>')}</struct>`;
    const text = call(
      `<struct>\n${member('params', `<array>\n<data><value>${inner}</value></data></array>`)}</struct>`,
    );

    expect(faultOf(() => decodeCall(text)).message).toBe(
      'Not XML-RPC (line 3, member "params.credit_limit"): <double> must hold a finite decimal number, such as -12.5',
    );
  });

  it('never quotes text, which may be a password', () => {
    const documents = ['<int>hunter2</int>', 'hunter2<int>1</int>', '<struct>hunter2</struct>', '<nil>hunter2</nil>'];

    for (const document of documents) {
      expect(faultOf(() => decodeCall(call(document))).message).not.toContain('hunter2');
    }
    expect(faultOf(() => decodeCall('<methodCall>hunter2</methodCall>')).message).not.toContain('hunter2');
  });

  it('shortens the names that it quotes', () => {
    const name = 'x'.repeat(100_000);

    expect(faultOf(() => decodeCall(`<${name}/>`)).message.length).toBeLessThan(200);
    expect(faultOf(() => decodeCall(`<a></${name}>`)).message.length).toBeLessThan(200);
    const twice = `<struct>${member(name, '')}${member(name, '')}</struct>`;
    expect(faultOf(() => decodeCall(call(twice))).message.length).toBeLessThan(300);
  });
});

describe('text that was not decoded from bytes', () => {
  it('is refused when it holds a lone surrogate, wherever that stands', () => {
    for (const text of ['a\uD83Db', 'a\uDE00b', '😀\uD83D', '\uDE00\uD83D', '\uD83D<b>']) {
      expect(faultOf(() => decodeCall(call(text))).faultCode).toBe(faultCodes.invalidCharacter);
    }
    expect(decodeCall(call('😀')).params).toEqual([{ kind: 'string', text: '😀' }]);
  });
});

describe('a method response', () => {
  it('gives its one result', () => {
    const text = response('<params><param><value><int>7</int></value></param></params>');

    expect(decodeResponse(text)).toEqual({ value: { kind: 'int', text: '7' } });
  });

  it('gives its fault, also with further members and untyped text', () => {
    const fault = `${member('faultString', 'Too many parameters.')}${member('faultCode', '<i4>+4</i4>')}${member('more', '')}`;

    expect(decodeResponse(response(`<fault><value><struct>${fault}</struct></value></fault>`))).toEqual({
      fault: { code: 4, text: 'Too many parameters.' },
    });
  });

  it.each([
    ['without content', ''],
    ['with no parameter', '<params/>'],
    ['with two results', '<params><param><value/></param><param><value/></param></params>'],
    ['with a result and a fault', '<params><param><value/></param></params><fault><value/></fault>'],
    ['with an empty fault', '<fault/>'],
    ['with two faults', '<fault><value/></fault><fault><value/></fault>'],
    ['with a fault that is no struct', '<fault><value>4</value></fault>'],
    [
      'with a fault without text',
      `<fault><value><struct>${member('faultCode', '<int>4</int>')}</struct></value></fault>`,
    ],
    [
      'with a fault whose code is text',
      `<fault><value><struct>${member('faultCode', '4')}${member('faultString', 'a')}</struct></value></fault>`,
    ],
    ['with a method name', '<methodName>a</methodName>'],
  ])('%s is no XML-RPC', (_, content) => {
    expect(faultOf(() => decodeResponse(response(content))).faultCode).toBe(faultCodes.notXmlRpc);
  });

  it('is refused in the place of a call, as a call is in its place', () => {
    expect(faultOf(() => decodeResponse(call(''))).faultCode).toBe(faultCodes.notXmlRpc);
    expect(faultOf(() => decodeResponse('')).faultCode).toBe(faultCodes.notWellFormed);
  });
});
