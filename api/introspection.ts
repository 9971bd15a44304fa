import { faults, toFault } from '../schemas/faults.ts';
import type { Value } from '../schemas/value.ts';
import type { Encodable } from './encode.ts';
import type { Method, MethodResult, Methods } from './method.ts';

/** What this server can do, by the names and addresses that "system.getCapabilities" (XML-RPC RFC, tarot) gives them. */
const capabilities = {
  xmlrpc: { specUrl: 'http://xmlrpc.com/spec', specVersion: 1 },
  introspection: { specUrl: 'http://phpxmlrpc.sourceforge.net/doc-2/ch10.html', specVersion: 2 },
  'system.multicall': { specUrl: 'http://www.xmlrpc.com/discuss/msgReader$1208', specVersion: 1 },
  faults_interop: { specUrl: 'http://xmlrpc-epi.sourceforge.net/specs/rfc.fault_codes.php', specVersion: 20_010_516 },
  nil: { specUrl: 'http://www.ontosys.com/xml-rpc/extensions.php', specVersion: 20_010_518 },
} as const;

function named(params: readonly Value[], find: (name: string) => MethodResult): MethodResult {
  const [name] = params;
  if (params.length !== 1 || name?.kind !== 'string') {
    return { fault: toFault([faults.wrongValue('params', 'must be the name of one method, a string')]) };
  }
  return find(name.text);
}

/** The methods that tell about all methods, themselves included. They look at the map when they are called. */
export function introspectionOf(methods: Methods): Methods {
  function lookUp(help: string, result: string, tell: (method: Method) => Encodable): Method {
    const find = (name: string): MethodResult => {
      const method = methods.get(name);
      return method ? { value: tell(method) } : { fault: toFault([faults.noSuchMethod(name)]) };
    };
    return {
      signatures: [[result, 'string']],
      help,
      begin:
        ({ params }) =>
        async () =>
          named(params, find),
    };
  }

  const signatures = 'Tells the signatures of a method: of each, the type of the result, then those of the parameters.';
  return new Map([
    [
      'system.listMethods',
      {
        signatures: [['array']],
        help: 'Lists the names of all methods.',
        begin: () => async () => ({ value: [...methods.keys()].sort() }),
      },
    ],
    ['system.methodSignature', lookUp(signatures, 'array', (method) => method.signatures)],
    ['system.methodHelp', lookUp('Describes a method.', 'string', (method) => method.help)],
    [
      'system.getCapabilities',
      {
        signatures: [['struct']],
        help: 'Tells which conventions this server follows.',
        begin: () => async () => ({ value: capabilities }),
      },
    ],
  ]);
}
