import { mapSideBySide } from '../runtime/side-by-side.ts';
import { type Fault, faults, toFault } from '../schemas/faults.ts';
import type { Value } from '../schemas/value.ts';
import type { Encodable } from './encode.ts';
import type { Method, MethodCall, MethodResult, Methods } from './method.ts';

const maxCalls = 1000;

/** How many calls of one batch run side by side: enough to keep the workers busy, and too few to crowd out others. */
const sideBySide = 64;

/** An idempotency key is followed by `#` and the place of the call: three more digits at the most. */
const maxKeyLength = 251;

const multicallName = 'system.multicall';

interface Entry {
  readonly method: string;
  readonly params: readonly Value[];
}

function wrong(why: string): Fault {
  return toFault([faults.wrongValue('calls', why)]);
}

function readEntry(value: Value): Entry | Fault {
  const members = value.kind === 'struct' ? value.members : new Map<string, Value>();
  const [method, params] = [members.get('methodName'), members.get('params')];
  if (method?.kind !== 'string' || params?.kind !== 'array') {
    return wrong('must be structs of methodName, a string, and params, an array');
  }
  if (method.text === multicallName) return wrong('must not contain system.multicall itself');
  return { method: method.text, params: params.items };
}

function encodeEntry(result: MethodResult): Encodable {
  return 'fault' in result ? { faultCode: result.fault.code, faultString: result.fault.text } : [result.value];
}

/**
 * Makes `system.multicall`: up to 1000 calls in one request, side by side, answered in order, each by a one-element
 * array or by a fault struct. A bad call harms only itself. With an idempotency key, each call has the key followed by
 * `#` and its place, so that a batch that is repeated creates nothing twice.
 * @param runMethod runs one call; it never throws
 */
export function createMulticall(
  methods: Methods,
  runMethod: (method: Method, call: MethodCall) => Promise<MethodResult>,
): Method {
  function runEntry(value: Value, call: MethodCall): Promise<MethodResult> | MethodResult {
    const entry = readEntry(value);
    if ('code' in entry) return { fault: entry };
    const method = methods.get(entry.method);
    if (!method) return { fault: toFault([faults.noSuchMethod(entry.method)]) };
    return runMethod(method, { ...call, params: entry.params, receivedAt: Date.now() });
  }

  function atPlace(call: MethodCall, index: number): MethodCall {
    const { idempotencyKey, ...options } = call.options;
    if (idempotencyKey === undefined) return call;
    return { ...call, options: { ...options, idempotencyKey: `${idempotencyKey}#${index}` } };
  }

  async function run(call: MethodCall): Promise<MethodResult> {
    const [calls, ...others] = call.params;
    if (calls?.kind !== 'array' || others.length > 0) return { fault: wrong('must be one array of structs') };
    if (calls.items.length > maxCalls) return { fault: wrong(`must be at most ${maxCalls}`) };
    if ((call.options.idempotencyKey?.length ?? 0) > maxKeyLength) {
      return {
        fault: toFault([faults.wrongValue('idempotency_key', `must have at most ${maxKeyLength} characters here`)]),
      };
    }
    const results = await mapSideBySide(sideBySide, calls.items, async (item, index) =>
      runEntry(item, atPlace(call, index)),
    );
    return { value: results.map(encodeEntry) };
  }

  return {
    signatures: [['array', 'array']],
    help: 'Runs up to 1000 calls, structs of methodName and params, side by side. Answers in order, each with a one-element array or a fault struct.',
    begin: (call) => () => run(call),
  };
}
